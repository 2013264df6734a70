import { countO200k } from '@orchestrator/shared/models/count-text.ts';

/** Newer Claude tokenizers make up to 30 % more tokens of the same text than o200k does. In percent, to stay integer. */
const CLAUDE_PERCENT_OF_O200K = 130;

/** Tokens that `text` takes in a prompt to Claude: an estimate from above for choosing context, not a price bound. */
export async function estimateTokens(text: string): Promise<number> {
  return Math.ceil(((await countO200k(text)) * CLAUDE_PERCENT_OF_O200K) / 100);
}
