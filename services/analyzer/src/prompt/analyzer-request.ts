import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { type FoundLesson, lessonList } from '@orchestrator/shared/lessons/retrieve.ts';
import type { Message, ModelRequest } from '@orchestrator/shared/models/types.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import { cleanMarkdown } from '@orchestrator/shared/text/clean-markdown.ts';
import { cleanText } from '@orchestrator/shared/text/clean-text.ts';
import { frame } from '@orchestrator/shared/text/frame.ts';
import type { ContextFile, SelectedContext } from '../context/select-context.ts';
import { specificationSchema } from '../specification-schema.ts';
import { PROMPT_VERSION, RULES } from './rules.ts';

/**
 * The question for a specification. What every task of a commit shares (rules, map, conventions, protected paths) comes
 * first and is cacheable; then what is near to the task; the task last.
 */
export function analyzerRequest(
  task: TaskView,
  context: SelectedContext,
  config: Pick<OrchestratorConfig, 'validate'>,
  lessons: readonly FoundLesson[] = [],
): ModelRequest {
  const [stable, near] = [
    context.files.filter((file) => file.convention),
    context.files.filter((file) => !file.convention),
  ];
  const shared = [
    'The repository map:',
    frame('map', {}, context.tree),
    `Protected paths, which no change may touch: ${config.validate.protectedPaths.join(' ')}`,
    stable.length > 0 ? 'Files that every task should know:' : '',
    ...stable.map(fileFrame),
  ];
  const question = [
    near.length > 0 ? 'Files near to the task, nearest first:' : '',
    ...near.map(fileFrame),
    lessons.length > 0 ? 'What people taught by merging, editing and rejecting earlier changes here:' : '',
    lessons.length > 0 ? frame('lessons', {}, lessonList(lessons)) : '',
    taskText(task),
    'Write the specification.',
  ];
  return {
    role: 'analyzer',
    promptVersion: PROMPT_VERSION,
    system: RULES,
    messages: [
      { role: 'user', content: joined(shared), cacheable: true },
      { role: 'user', content: joined(question) },
    ],
    schema: { name: 'specification', schema: specificationSchema() },
  };
}

/** The same conversation with an answer that cannot be used, and why: only appended to, so that the prefix stays. */
export function askedAgain(request: ModelRequest, answer: string, problems: readonly string[]): ModelRequest {
  const problem = `The specification cannot be used:\n${problems.map((text) => `- ${text}`).join('\n')}\nWrite the whole specification again with this corrected.`;
  const added: Message[] = [
    { role: 'assistant', content: answer.trim() || '(empty)' },
    { role: 'user', content: problem },
  ];
  return { ...request, messages: [...request.messages, ...added] };
}

function taskText(task: TaskView): string {
  const facts = [task.module && `Module: ${task.module}`, task.language && `Language: ${task.language}`]
    .filter(Boolean)
    .join('\n');
  return joined([
    `Task id: ${task.key}`,
    facts,
    frame('task', { title: cleanText(task.title) }, cleanMarkdown(task.body).trim()),
  ]);
}

const fileFrame = (file: ContextFile): string =>
  frame('file', { path: file.path, ...(file.whole ? {} : { part: 'signatures or beginning' }) }, file.text);
const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');
