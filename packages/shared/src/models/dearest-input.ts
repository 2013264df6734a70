import { largestOf } from '../budget/money.ts';
import type { BoundedRequest } from './bounds.ts';
import type { Model } from './catalog.ts';
import type { Rates } from './price-row.ts';

/**
 * The dearest class in which an input token of the request can be billed. Reading from a cache is never dearer than not
 * having one; writing to it may be: where the request carries markers (they write for five minutes), or by itself.
 */
export function dearestInput(model: Model, request: Pick<BoundedRequest, 'messages'>, rates: Rates): bigint {
  const marked = model.dialect.cache === 'marker' && request.messages.some((message) => message.cacheable);
  const writes = marked || model.dialect.cache === 'automatic-write';
  return largestOf([rates.input, rates.cacheRead ?? 0n, writes ? (rates.cacheWrite5m ?? 0n) : 0n]);
}
