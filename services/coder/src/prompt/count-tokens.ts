/**
 * Runs that the tokenizer takes as one piece. Merging one is quadratic in its length, so long ones are cut: that makes a
 * few tokens more, never less.
 */
const LONG_RUN = /[\p{L}\p{M}]{400,}|[^\s\p{L}\p{M}\p{N}]{400,}|\s{400,}/gu;
const CUT_CHARS = 200;

let count: ((text: string, options: { disallowedSpecial: Set<string> }) => number) | null = null;

/** Has to be awaited once before anything is counted: the vocabulary takes 140 MB, so it is loaded where it is used. */
export async function loadTokenizer(): Promise<void> {
  count ??= (await import('gpt-tokenizer/encoding/o200k_base')).countTokens;
}

/** Tokens of `text` for the models of the o200k family, or a few more. Text that spells a special token is ordinary text. */
export function countTokens(text: string): number {
  let tokens = 0;
  let from = 0;
  for (const match of text.matchAll(LONG_RUN)) {
    tokens += countPiece(text.slice(from, match.index));
    for (let at = 0; at < match[0].length; at += CUT_CHARS) tokens += countPiece(match[0].slice(at, at + CUT_CHARS));
    from = match.index + match[0].length;
  }
  return tokens + countPiece(text.slice(from));
}

function countPiece(text: string): number {
  if (count === null) throw new Error('the tokenizer is not loaded');
  return text === '' ? 0 : count(text, { disallowedSpecial: new Set() });
}

/** The longest beginning of whole lines that has at most `maxTokens`, with a note where something was cut. */
export function cutToTokens(text: string, maxTokens: number): string {
  // A token has at most some dozen characters, so much longer texts need not be counted whole.
  const bounded = text.length > maxTokens * 16 ? text.slice(0, maxTokens * 16) : text;
  if (bounded.length === text.length && countTokens(text) <= maxTokens) return text;
  const note = '[cut here: the text is longer]';
  const lines = bounded.split('\n');
  let kept = '';
  let tokens = countTokens(note);
  for (const line of lines) {
    tokens += countTokens(`${line}\n`);
    if (tokens > maxTokens) break;
    kept += `${line}\n`;
  }
  return kept + note;
}
