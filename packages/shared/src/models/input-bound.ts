import type { BoundedRequest, BoundOptions } from './bounds.ts';
import type { Model } from './catalog.ts';
import { countO200k } from './count-text.ts';

/** Tokens around each message (role and delimiters: 4 are known), and around the request. */
const MESSAGE_TOKENS = 4;
const REQUEST_TOKENS = 3;

/** What a count may be too low by: a share of it, and a constant. The vendors call theirs an estimate. */
const MARGINS = { openai: { percent: 2, tokens: 64 }, anthropic: { percent: 5, tokens: 256 } } as const;

/** Both vendors put a schema into the prompt in a form of their own, with words about it. */
const SCHEMA_WORDS_TOKENS = 512;

/**
 * No more than this many tokens are billed as input. The least of the bounds that hold:
 * - bytes: a byte-level tokenizer never makes more tokens than the text has UTF-8 bytes, in its composed form or not;
 * - the model's own tokenizer with a margin, where it is public;
 * - the vendor's own count with a margin, where it is not.
 */
export async function inputBound(model: Model, request: BoundedRequest, options: BoundOptions): Promise<number> {
  const byBytes = byteBound(request);
  const counted = model.tokenizer === 'o200k_base' ? await countRequest(request) : await vendorCount(request, options);
  if (counted === undefined) return byBytes;
  const margin = MARGINS[model.provider];
  return Math.min(byBytes, counted + Math.ceil((counted * margin.percent) / 100) + margin.tokens);
}

/** The bound by bytes alone: needs neither a tokenizer nor a network. */
export function byteBound(request: BoundedRequest): number {
  const text = [request.system, ...request.messages.map((message) => message.content)].map(mostBytes);
  const frame = (request.messages.length + 1) * MESSAGE_TOKENS * 2 + REQUEST_TOKENS;
  return sum(text) + frame + (request.schema ? mostBytes(schemaText(request)) * 2 + SCHEMA_WORDS_TOKENS : 0);
}

async function countRequest(request: BoundedRequest): Promise<number> {
  let tokens = REQUEST_TOKENS;
  for (const text of [request.system, ...request.messages.map((message) => message.content)]) {
    tokens += MESSAGE_TOKENS + (await countO200k(text));
  }
  if (request.schema) tokens += Math.ceil((await countO200k(schemaText(request))) * 1.25);
  return tokens;
}

/** A count endpoint that fails costs tightness, not soundness, and no call. */
async function vendorCount(request: BoundedRequest, { countTokens }: BoundOptions): Promise<number | undefined> {
  const counted = await countTokens?.(request).catch(() => undefined);
  return counted !== undefined && Number.isSafeInteger(counted) && counted > 0 ? counted : undefined;
}

/** Compatibility composition makes some characters longer (U+FDFA: 3 bytes become 33), and tokenizers may apply it. */
const mostBytes = (text: string): number =>
  Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize('NFKC')));
const schemaText = (request: BoundedRequest): string => JSON.stringify(request.schema ?? {});
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
