import { estimateTokens } from './estimate-tokens.ts';

/** Tokens that a file's frame (path, delimiters) takes. */
const FRAME_TOKENS = 24;

/** What is left of the analyzer's input. Every text is paid for once, when it is taken. */
export class TokenBudget {
  readonly limit: number;
  #left: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  get left(): number {
    return this.#left;
  }

  /** Tokens of the text with its frame, taken from the budget; null, and nothing taken, if more than `max` or than is left. */
  async take(text: string, max = this.#left): Promise<number | null> {
    const room = Math.min(max, this.#left);
    // A token is seldom more than 8 characters: a text far too long is refused without counting it.
    if (text.length > room * 10) return null;
    const tokens = (await estimateTokens(text)) + FRAME_TOKENS;
    if (tokens > room) return null;
    this.#left -= tokens;
    return tokens;
  }

  /** The beginning of the text, by whole lines, that fits `max`; null if not even a few lines do. */
  async takeBeginning(text: string, max: number): Promise<{ text: string; tokens: number } | null> {
    const lines = text.split('\n');
    for (let kept = Math.min(lines.length, max); kept >= 3; kept = Math.floor(kept * 0.7)) {
      const beginning = `${lines.slice(0, kept).join('\n')}\n(${lines.length - kept} more lines)`;
      const tokens = await this.take(beginning, max);
      if (tokens !== null) return { text: beginning, tokens };
    }
    return null;
  }
}
