import type { NanoUsd } from '../budget/money.ts';
import type { Model } from './catalog.ts';
import { dearestInput } from './dearest-input.ts';
import { inputBound } from './input-bound.ts';
import { priceAt, ratesFor, toNano } from './price-usage.ts';
import type { ModelRequest } from './types.ts';

/** A request as it is priced: the output limit is decided. */
export type BoundedRequest = Pick<ModelRequest, 'system' | 'messages' | 'schema'> & {
  readonly maxOutputTokens: number;
};

export interface CostBound {
  /** No more than this is billed as input, over all input classes. */
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly amountNanoUsd: NanoUsd;
  /** `long`: the bound is over the edge beyond which the whole request is dearer. */
  readonly tier: 'base' | 'long';
}

export interface BoundOptions {
  /** The instant at which the call is made; chooses the price row. */
  readonly at: Date;
  /**
   * The vendor's own count of the request (Anthropic count_tokens, OpenAI responses.inputTokens.count). Used where no
   * local tokenizer is exact. A count that fails leaves the bound by bytes, which is sound but wide.
   */
  readonly countTokens?: (request: BoundedRequest) => Promise<number>;
}

/**
 * The most that a request can cost: every input token at the dearest class that the request can reach, in the tier that
 * the bound reaches, and the whole output limit. Throws MODEL_UNKNOWN where the model has no price at that instant.
 */
export async function costBound(model: Model, request: BoundedRequest, options: BoundOptions): Promise<CostBound> {
  const row = priceAt(model, options.at);
  const inputTokens = await inputBound(model, request, options);
  const { maxOutputTokens } = request;
  const rates = ratesFor(row, inputTokens);
  const pico = BigInt(inputTokens) * dearestInput(model, request, rates) + BigInt(maxOutputTokens) * rates.output;
  return { inputTokens, maxOutputTokens, amountNanoUsd: toNano(pico), tier: rates === row.rates ? 'base' : 'long' };
}
