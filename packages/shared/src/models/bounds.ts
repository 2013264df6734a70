import type { NanoUsd } from '../budget/money.ts';
import type { Model } from './catalog.ts';
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

export type CostBoundFunction = (model: Model, request: BoundedRequest, options: BoundOptions) => Promise<CostBound>;
