import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';

/** Characters that nobody sees and that change how text reads: bidirectional controls, zero width, tags. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]|\p{Cc}(?<![\t\n])/gu;

const clean = (text: string): string => maskSecrets(text).replace(/\r\n?/g, '\n').replace(INVISIBLE, '').toWellFormed();

export const cut = (text: string, maxCharacters: number): string => {
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
};

/**
 * Text of a model, a task or a test as words in a line: no link, image, mention, HTML, reference or formatting of its
 * own, and no line break.
 */
export function plain(text: string, maxCharacters = 500): string {
  return cut(clean(text).replace(/\s+/g, ' ').trim(), maxCharacters)
    .replace(/[\\`*_{}[\]<>|~#!$&]/g, '\\$&')
    .replace(/@(?=[A-Za-z0-9])/g, '@\u2060')
    .replace(/(https?|ftp):\/\//gi, '$1:\u2060//')
    .replace(/\bwww\./gi, 'www\u2060.')
    .replace(/^([-+]|\d+[.)])(?= )/, '\\$1');
}

/** The same text as code: shown as it is, whatever it holds. */
export function code(text: string, maxCharacters = 300): string {
  const inside = cut(clean(text).replace(/\s+/g, ' ').trim(), maxCharacters).replaceAll('|', '\\|');
  if (inside === '') return '(empty)';
  const fence = fenceFor(inside, 1);
  return inside.startsWith('`') || inside.endsWith('`') ? `${fence} ${inside} ${fence}` : `${fence}${inside}${fence}`;
}

/** Several lines in a code block. */
export function block(text: string, maxCharacters: number): string {
  const inside = cut(clean(text).trim(), maxCharacters);
  const fence = fenceFor(inside, 3);
  return `${fence}text\n${inside}\n${fence}`;
}

/** Longer than any run of backticks within. */
function fenceFor(text: string, atLeast: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return '`'.repeat(Math.max(atLeast, longest + 1));
}

/** A table of cells that are Markdown already; rows beyond `maxRows` are counted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], maxRows = 50): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const more = rows.length > maxRows ? [`\n… and ${rows.length - maxRows} more.`] : [];
  return [line(head), line(head.map(() => '---')), ...rows.slice(0, maxRows).map(line), ...more].join('\n');
}

/** A list of items that are Markdown already. */
export function list(items: readonly string[], maxItems = 30): string {
  const more = items.length > maxItems ? [`- … and ${items.length - maxItems} more`] : [];
  return [...items.slice(0, maxItems).map((item) => `- ${item}`), ...more].join('\n');
}
