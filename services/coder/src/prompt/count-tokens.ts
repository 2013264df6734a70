import { countTokens as count } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of `text` for the models of the o200k family. Text that spells a special token is ordinary text. */
export const countTokens = (text: string): number => count(text, { disallowedSpecial: new Set() });

/** The longest beginning of whole lines that has at most `maxTokens`, with a note where something was cut. */
export function cutToTokens(text: string, maxTokens: number): string {
  // A token is at least one character, so much longer texts need not be counted whole.
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
