import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';

/** The specification as the Markdown of `generated/spec_<task>.md`. */
export function specificationMarkdown(
  spec: Specification,
  task: Pick<TaskView, 'key' | 'title' | 'module' | 'language'>,
): string {
  const facts = [
    `Task: ${task.key}`,
    task.module && `Module: ${task.module}`,
    task.language && `Language: ${task.language}`,
  ].filter(Boolean);
  return [
    `# ${oneLine(task.title)}`,
    facts.join(' · '),
    spec.summary,
    ...section('Design', spec.design ? [spec.design] : []),
    ...section('Files to change', [
      list(spec.filesToChange.map((file) => `\`${file.path}\` (${file.action}): ${oneLine(file.why)}`)),
    ]),
    ...section('Files to read', [list(spec.filesToRead.map((path) => `\`${path}\``))]),
    ...section('Tests', [list(spec.tests.map((test) => `\`${test.path}\`: ${oneLine(test.covers)}`))]),
    ...section('Success criteria', [
      list(spec.criteria.map(({ criterion, shownBy }) => `${oneLine(criterion)} — shown by: ${oneLine(shownBy)}`)),
    ]),
    ...section('Risks', [list(spec.risks.map(oneLine))]),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(title: string, parts: readonly string[]): string[] {
  const filled = parts.filter((part) => part !== '');
  return filled.length > 0 ? [`## ${title}`, ...filled] : [];
}

const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
