import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** Newer Claude tokenizers make up to 30 % more tokens of the same text than o200k does. In percent, to stay integer. */
const CLAUDE_PERCENT_OF_O200K = 130;

/** Tokens that `text` takes in a prompt to Claude: an estimate from above for choosing context, not a price bound. */
export function estimateTokens(text: string): number {
  // Text that spells a special token is ordinary text here.
  return Math.ceil((countTokens(text, { disallowedSpecial: new Set() }) * CLAUDE_PERCENT_OF_O200K) / 100);
}
