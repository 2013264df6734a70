import type { PriceRow } from './price-list.ts';

/** Tokens of one request by price class; `input` excludes cache reads and writes. */
export interface BilledTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
}

/** The vendor's own bill: what every request that reached a model costs, whether or not the answer arrived. */
export interface Meter {
  /** Rounded up. */
  readonly nanoUsd: bigint;
  /** Requests that were billed. */
  readonly requests: number;
  readonly bill: (price: PriceRow, tokens: BilledTokens) => void;
}

export function createMeter(): Meter {
  let picoUsd = 0n;
  let requests = 0;
  return {
    get nanoUsd() {
      return (picoUsd + 999n) / 1_000n;
    },
    get requests() {
      return requests;
    },
    bill(price, tokens) {
      picoUsd += picoUsdOf(price, tokens);
      requests += 1;
    },
  };
}

/** The exact price of one request in pico-dollars. */
export function picoUsdOf(price: PriceRow, tokens: BilledTokens): bigint {
  const total = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  const long = price.long && total > price.long.above ? price.long : { inputPercent: 100n, outputPercent: 100n };
  const input =
    BigInt(tokens.input) * price.input +
    BigInt(tokens.cacheRead) * price.cacheRead +
    BigInt(tokens.cacheWrite5m) * price.cacheWrite5m +
    BigInt(tokens.cacheWrite1h) * price.cacheWrite1h;
  return (input * long.inputPercent + BigInt(tokens.output) * price.output * long.outputPercent) / 100n;
}
