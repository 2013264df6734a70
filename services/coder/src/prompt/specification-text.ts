import type { Specification } from '@orchestrator/shared/contracts/specification.ts';

/** The specification as Markdown: models read documents better than JSON. */
export function specificationText(specification: Specification): string {
  const { summary, design, filesToChange, tests, criteria, risks } = specification;
  return [
    section('Summary', [summary]),
    section('Design', [design]),
    section(
      'Files to change',
      filesToChange.map(({ path, action, why }) => `- ${action} ${path}: ${why}`),
    ),
    section(
      'Tests',
      tests.map(({ path, covers }) => `- ${path}: ${covers}`),
    ),
    section(
      'Acceptance criteria',
      criteria.map(({ criterion, shownBy }) => `- ${criterion} (shown by: ${shownBy})`),
    ),
    section(
      'Risks',
      risks.map((risk) => `- ${risk}`),
    ),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  const text = lines.join('\n').trim();
  return text === '' ? '' : `## ${title}\n${text}`;
}
