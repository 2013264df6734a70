import { createHash } from 'node:crypto';
import type { BilledTokens } from '../metering/meter.ts';
import { tokensOf } from '../metering/tokens.ts';

const MINIMUM_TOKENS = 1_024;
const STEP_TOKENS = 128;
const PER_MESSAGE = 4;
const PRIMING = 3;

export interface PromptTokens extends Omit<BilledTokens, 'output'> {
  /** As reported: all classes together. */
  readonly total: number;
}

/** Automatic prompt caching as documented: prefixes of 1,024 tokens and more are found again in steps of 128. */
export class PromptCache {
  readonly #prefixes = new Set<string>();

  /** Splits the prompt of one request by price class, and remembers its prefixes. `writesCost`: new prefixes are charged. */
  charge(
    model: string,
    messages: readonly { role: string; content: string }[],
    schema: Record<string, unknown> | null,
    writesCost: boolean,
  ): PromptTokens {
    const tokens = promptTokens(messages, schema);
    const total = tokens.length + messages.length * PER_MESSAGE + PRIMING;
    const hash = createHash('sha256').update(model);
    let cached = 0;
    let cacheable = 0;
    for (let end = STEP_TOKENS; end <= tokens.length; end += STEP_TOKENS) {
      hash.update(tokens.slice(end - STEP_TOKENS, end).join(','));
      if (end < MINIMUM_TOKENS) continue;
      const key = hash.copy().digest('hex');
      if (this.#prefixes.has(key)) cached = end;
      this.#prefixes.add(key);
      cacheable = end;
    }
    const written = writesCost ? cacheable - cached : 0;
    return { total, input: total - cached - written, cacheRead: cached, cacheWrite5m: written, cacheWrite1h: 0 };
  }
}

type Prompt = readonly { readonly role: string; readonly content: string }[];

const promptTokens = (messages: Prompt, schema: Record<string, unknown> | null): number[] => [
  ...(schema ? tokensOf(JSON.stringify(schema)) : []),
  ...messages.flatMap((message) => [...tokensOf(`${message.role}\n`), ...tokensOf(message.content)]),
];

/** What the count endpoint says: all input tokens, cached or not. */
export const countPrompt = (messages: Prompt, schema: Record<string, unknown> | null): number =>
  promptTokens(messages, schema).length + messages.length * PER_MESSAGE + PRIMING;
