import { decode, encode } from 'gpt-tokenizer/encoding/o200k_base';

// Special tokens in a prompt are plain text to the vendors' chat endpoints.
const asText = { disallowedSpecial: new Set<string>() };

export function tokensOf(text: string): number[] {
  return encode(text, asText);
}

export function countTokens(text: string): number {
  return tokensOf(text).length;
}

/** The longest beginning of `text` that is at most `limit` tokens. */
export function cutToTokens(
  text: string,
  limit: number,
): { readonly text: string; readonly tokens: number; readonly cut: boolean } {
  const tokens = tokensOf(text);
  if (tokens.length <= limit) return { text, tokens: tokens.length, cut: false };
  return { text: decode(tokens.slice(0, limit)), tokens: limit, cut: true };
}
