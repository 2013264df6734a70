import type { NanoUsd } from '../budget/money.ts';
import { AppError } from '../errors/app-error.ts';
import type { Model } from './catalog.ts';
import type { PriceClass, PriceRow, Rates } from './price-row.ts';
import type { Usage } from './types.ts';

const CLASSES: readonly PriceClass[] = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output'];
const PICO_PER_NANO = 1000n;

/** The row that holds at an instant. Throws MODEL_UNKNOWN where the catalog has none: without a price there is no call. */
export function priceAt(model: Model, at: Date): PriceRow {
  const row = model.prices.findLast((price) => new Date(price.validFrom) <= at);
  if (!row) throw new AppError('MODEL_UNKNOWN', { model: model.id, at: at.toISOString() });
  return row;
}

/** The rates of a request with this much input: a request over the tier's edge pays the tier's price for every token. */
export function ratesFor(row: PriceRow, inputTokens: number): Rates {
  return row.long !== undefined && inputTokens > row.long.aboveInputTokens ? row.long.rates : row.rates;
}

/**
 * What a call cost, in nano-dollars, rounded up once. Throws MODEL_UNKNOWN for counts that have no price or are no
 * counts: what cannot be priced exactly is not settled by guess.
 */
export function priceUsage(model: Model, usage: Usage, at: Date): NanoUsd {
  const rates = ratesFor(priceAt(model, at), usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h);
  let pico = 0n;
  for (const name of CLASSES) {
    const tokens = usage[name];
    if (!Number.isSafeInteger(tokens) || tokens < 0)
      throw new AppError('MODEL_UNKNOWN', { model: model.id, class: name, tokens });
    const rate = rates[name];
    if (rate === null && tokens > 0) throw new AppError('MODEL_UNKNOWN', { model: model.id, class: name, tokens });
    pico += BigInt(tokens) * (rate ?? 0n);
  }
  return toNano(pico);
}

export const toNano = (pico: bigint): NanoUsd => (pico + PICO_PER_NANO - 1n) / PICO_PER_NANO;
