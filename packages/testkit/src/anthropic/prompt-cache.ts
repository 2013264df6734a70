import { createHash } from 'node:crypto';
import type { BilledTokens } from '../metering/meter.ts';
import { countTokens } from '../metering/tokens.ts';
import type { Block } from './request.ts';

/** There is no public tokenizer of the newer models; they make somewhat more tokens of the same text. */
export const claudeTokens = (text: string): number => Math.ceil(countTokens(text) * 1.15);

const PER_BLOCK = 4;
const MINIMUM_TOKENS = 1_024;
const LIFETIME_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const;

/**
 * Prompt caching as documented: the longest cached prefix that ends at a marked block is read, the rest up to the last
 * marked block is written, what follows is plain input. Prefixes of less than 1,024 tokens are not cached.
 */
export class PromptCache {
  readonly #expiresAtMs = new Map<string, number>();

  /** Splits the input of one request by price class, and remembers its marked prefixes. */
  charge(model: string, blocks: readonly Block[], extraTokens: number): Omit<BilledTokens, 'output'> {
    const hash = createHash('sha256').update(model);
    let tokens = extraTokens;
    let read = 0;
    let written = 0;
    let ttl: '5m' | '1h' = '5m';
    for (const block of blocks) {
      tokens += claudeTokens(block.text) + PER_BLOCK;
      hash.update(`\0${block.role}\0${block.text}`);
      if (!block.ttl || tokens < MINIMUM_TOKENS) continue;
      const key = hash.copy().digest('hex');
      if ((this.#expiresAtMs.get(key) ?? 0) > Date.now()) read = tokens;
      written = tokens;
      ttl = block.ttl;
      this.#expiresAtMs.set(key, Date.now() + LIFETIME_MS[block.ttl]);
    }
    const write = Math.max(0, written - read);
    return {
      input: tokens - Math.max(read, written),
      cacheRead: read,
      cacheWrite5m: ttl === '5m' ? write : 0,
      cacheWrite1h: ttl === '1h' ? write : 0,
    };
  }
}

/** What the count endpoint says: all input tokens, cached or not. */
export function countInput(blocks: readonly Block[], extraTokens: number): number {
  return blocks.reduce((sum, block) => sum + claudeTokens(block.text) + PER_BLOCK, extraTokens);
}

/** The schema of an answer is part of the prompt. */
export const schemaTokens = (schema: Record<string, unknown> | null | undefined): number =>
  schema ? claudeTokens(JSON.stringify(schema)) : 0;
