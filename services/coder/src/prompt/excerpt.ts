import { countTokens, cutToTokens } from './count-tokens.ts';

const HEAD_LINES = 30;
const AROUND_LINES = 15;
const MARK_TOKENS = 40;

/** A file that is too long to be shown whole: its beginning and the surroundings of the lines that name one of `words`. */
export function excerpt(text: string, words: readonly string[], maxTokens: number): string {
  const lines = text.split('\n');
  const costs = lines.map((line) => countTokens(`${line.slice(0, 2_000)}\n`));
  const shown = new Set<number>();
  let left = maxTokens - MARK_TOKENS;
  const show = (line: number): boolean => {
    if (line < 0 || line >= lines.length || shown.has(line)) return true;
    left -= costs[line] as number;
    if (left < 0) return false;
    shown.add(line);
    return true;
  };
  const hits = lines.flatMap((line, i) => (words.some((word) => line.includes(word)) ? [i] : []));
  // From the places outwards, so that every place gets its nearest lines before any gets its farther ones.
  for (let distance = 0; distance <= AROUND_LINES && left > 0; distance++) {
    for (const hit of hits) if (!show(hit - distance) || !show(hit + distance)) break;
    for (let line = distance * 2; line < Math.min(distance * 2 + 2, HEAD_LINES); line++) show(line);
  }
  // The marks of what is left out come on top.
  return cutToTokens(render(lines, shown), maxTokens);
}

function render(lines: readonly string[], shown: ReadonlySet<number>): string {
  const parts: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (shown.has(i)) {
      parts.push(lines[i] as string);
      continue;
    }
    const from = i;
    while (i + 1 < lines.length && !shown.has(i + 1)) i += 1;
    parts.push(`[lines ${from + 1} to ${i + 1} of ${lines.length} are not shown: do not change them]`);
  }
  return parts.join('\n');
}

/** Names in a text that are worth looking for in code: in backticks, or written like identifiers. */
export function identifiersIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\n]{3,80})`/g)].map((match) => (match[1] as string).replace(/\(.*$/, ''));
  const written = text.match(/\b(?:[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[a-z]+_\w+)\b/g) ?? [];
  return [...new Set([...quoted, ...written])].filter((word) => word.length >= 3).slice(0, 50);
}
