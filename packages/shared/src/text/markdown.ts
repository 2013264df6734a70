import { cleanText } from './clean-text.ts';
import { cut } from './cut.ts';

/**
 * Text of a model, a task or a test as words in a line: no link, image, mention, HTML, reference or formatting of its
 * own, and no line break.
 */
export function plain(text: string, maxCharacters = 500): string {
  return cut(cleanText(text).replace(/\s+/g, ' ').trim(), maxCharacters)
    .replace(/[\\`*_{}[\]<>|~#!$&]/g, '\\$&')
    .replace(/@(?=[A-Za-z0-9])/g, '@\u2060')
    .replace(/(https?|ftp):\/\//gi, '$1:\u2060//')
    .replace(/\bwww\./gi, 'www\u2060.')
    .replace(/^([-+]|\d+[.)])(?= )/, '\\$1');
}

/** The same text as code: shown as it is, whatever it holds. */
export function code(text: string, maxCharacters = 300): string {
  const inside = cut(cleanText(text).replace(/\s+/g, ' ').trim(), maxCharacters).replaceAll('|', '\\|');
  if (inside === '') return '(empty)';
  const fence = fenceFor(inside, 1);
  return inside.startsWith('`') || inside.endsWith('`') ? `${fence} ${inside} ${fence}` : `${fence}${inside}${fence}`;
}

/** Several lines in a code block. */
export function block(text: string, maxCharacters: number): string {
  const inside = cut(cleanText(text).trim(), maxCharacters);
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
