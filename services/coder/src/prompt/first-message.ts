import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { CurrentTree } from '../guard/base-files.ts';
import { cleanFileText, cleanProse } from '../text/clean-text.ts';
import { countTokens, cutToTokens } from './count-tokens.ts';
import { identifiersIn } from './excerpt.ts';
import { chooseFiles, pathsToShow, type ShownFile, tagTokens } from './shown-files.ts';
import { specificationText } from './specification-text.ts';
import { taggerFor } from './tagged.ts';

export interface FirstMessageInput {
  readonly task: Pick<TaskView, 'key' | 'title' | 'body' | 'documents'>;
  readonly specification: Specification;
  /** Declarations of files that are not shown whole, nearest to the task first. */
  readonly signatures: readonly { readonly path: string; readonly text: string }[];
  /** What earlier pull requests taught, as a list; '' for nothing. */
  readonly lessons: string;
  readonly tree: CurrentTree;
  /** Paths that earlier rounds changed: shown like those that the specification changes. */
  readonly changed: readonly string[];
  readonly maxTokens: number;
}

/** Of the room: what the task's and the specification's own words may take. */
const TASK_SHARE = 0.2;
const SPECIFICATION_SHARE = 0.25;
/** Tags, titles and the closing sentence. */
const FRAME_TOKENS = 250;
const NOTE_TOKENS = 200;

/**
 * The question that opens a conversation: task, specification, files in full, signatures of their neighbours. What stays
 * the same longest stands first. The same input gives the same bytes.
 */
export function firstMessage({
  task,
  specification,
  signatures,
  lessons,
  tree,
  changed,
  maxTokens,
}: FirstMessageInput): string {
  const room = maxTokens - FRAME_TOKENS - NOTE_TOKENS;
  const taskText = cutToTokens(
    `# ${cleanProse(task.title)}\n\n${cleanProse(task.body)}`,
    Math.floor(room * TASK_SHARE),
  );
  const specText = cutToTokens(cleanProse(specificationText(specification)), Math.floor(room * SPECIFICATION_SHARE));
  const left = room - countTokens(taskText) - countTokens(specText) - countTokens(lessons);
  const { files, notes } = chooseFiles(
    tree,
    pathsToShow(specification, changed, task.documents),
    identifiersIn(specText),
    left,
  );
  const used = files.reduce((sum, file) => sum + countTokens(file.text) + tagTokens(file.path), 0);
  const neighbours = chooseSignatures(signatures, files, left - used);

  const tagged = taggerFor([
    taskText,
    specText,
    lessons,
    ...files.flatMap((file) => [file.path, file.text]),
    ...neighbours.map((each) => each.text),
  ]);
  return [
    `Task id: ${task.key}`,
    tagged('task', taskText),
    tagged('specification', specText),
    ...(lessons === ''
      ? []
      : [`What people taught by merging, editing and rejecting earlier changes here:\n${tagged('lessons', lessons)}`]),
    ...files.map((file) => tagged('file', file.text, { path: file.path, ...(file.whole ? {} : { shown: 'in part' }) })),
    ...neighbours.map((each) => tagged('signatures', each.text, { path: each.path })),
    ...(notes.length > 0 ? [`Files named by the specification that are not above:\n${noteText(notes)}`] : []),
    'Implement the task now. Reply in the form given above.',
  ].join('\n\n');
}

const noteText = (notes: readonly string[]): string =>
  cutToTokens(notes.map((note) => `- ${cleanProse(note)}`).join('\n'), NOTE_TOKENS);

function chooseSignatures(
  signatures: FirstMessageInput['signatures'],
  files: readonly ShownFile[],
  maxTokens: number,
): { path: string; text: string }[] {
  const chosen: { path: string; text: string }[] = [];
  let left = maxTokens;
  for (const { path, text } of signatures) {
    if (files.some((file) => file.path === path)) continue;
    const clean = cleanFileText(text);
    const tokens = countTokens(clean) + tagTokens(path);
    if (tokens > left) break;
    left -= tokens;
    chosen.push({ path, text: clean });
  }
  return chosen;
}
