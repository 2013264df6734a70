/** Turns the indentation that the model used into the file's; null if the line cannot be expressed so. */
export type Reindent = (text: string) => string | null;

const SPACES_PER_TAB = [2, 4, 8, 3] as const;

const indentOf = (text: string): string => /^[\t \u00A0\u3000]*/.exec(text)?.[0] ?? '';
const isBlank = (text: string): boolean => text.trim() === '';

/**
 * The one way in which the indentation of all `written` lines differs from the `actual` lines beside them: the same, one
 * prefix more, one prefix less, tabs for spaces or spaces for tabs. Null if they differ in no such uniform way.
 */
export function findReindent(written: readonly string[], actual: readonly string[]): Reindent | null {
  const pairs = written
    .map((text, i) => [text, actual[i] ?? ''] as const)
    .filter(([text]) => !isBlank(text))
    .map(([text, other]) => [indentOf(text), indentOf(other)] as const);
  const first = pairs[0];
  if (first === undefined) return (text) => text;
  return (
    candidates(first[0], first[1], pairs).find((change) =>
      pairs.every(([from, to]) => change(`${from}x`) === `${to}x`),
    ) ?? null
  );
}

function candidates(from: string, to: string, pairs: readonly (readonly [string, string])[]): Reindent[] {
  const found: Reindent[] = [(text) => text];
  if (to.endsWith(from) && to !== from) found.push(addPrefix(to.slice(0, to.length - from.length)));
  if (from.endsWith(to) && to !== from) found.push(stripPrefix(from.slice(0, from.length - to.length)));
  if (pairs.some(([written]) => /^ +$/.test(written))) found.push(...SPACES_PER_TAB.map(spacesToTabs));
  if (pairs.some(([written]) => /^\t+/.test(written))) found.push(...SPACES_PER_TAB.map(tabsToSpaces));
  return found;
}

const addPrefix =
  (prefix: string): Reindent =>
  (text) =>
    isBlank(text) ? text : prefix + text;
const stripPrefix =
  (prefix: string): Reindent =>
  (text) => {
    if (isBlank(text)) return text;
    return text.startsWith(prefix) ? text.slice(prefix.length) : null;
  };
const spacesToTabs =
  (width: number): Reindent =>
  (text) => {
    const spaces = /^ */.exec(text)?.[0].length ?? 0;
    // A rest of single spaces aligns, as in a comment block.
    return '\t'.repeat(Math.floor(spaces / width)) + ' '.repeat(spaces % width) + text.slice(spaces);
  };
const tabsToSpaces =
  (width: number): Reindent =>
  (text) => {
    const tabs = /^\t*/.exec(text)?.[0].length ?? 0;
    return ' '.repeat(tabs * width) + text.slice(tabs);
  };
