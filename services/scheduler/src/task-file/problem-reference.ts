import { TASK_PROBLEMS } from './problem.ts';

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/\{(\w+)\}/g, '*$1*');

/** The table of docs/tasks.md. A test compares them; `node scripts/write-reference.ts` writes it. */
export function problemReference(): string {
  const rows = Object.entries(TASK_PROBLEMS).map(
    ([code, [message, fix]]) => `| \`${code}\` | ${cell(message)} | ${cell(fix)} |`,
  );
  return ['| Code | What is wrong | What to do |', '| --- | --- | --- |', ...rows].join('\n');
}
