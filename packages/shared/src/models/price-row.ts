/** Pico-dollars per token (1 USD per million tokens = 1,000,000). A class that is null is not sold: usage in it is refused. */
export interface Rates {
  readonly input: bigint;
  readonly cacheRead: bigint | null;
  readonly cacheWrite5m: bigint | null;
  readonly cacheWrite1h: bigint | null;
  readonly output: bigint;
}

export type PriceClass = keyof Rates;

/** What a model costs from `validFrom` (ISO instant, inclusive) to the next row of the same model. */
export interface PriceRow {
  readonly validFrom: string;
  readonly rates: Rates;
  /** Holds for the whole request, output included, when its input (all classes) has more tokens than this. */
  readonly long?: { readonly aboveInputTokens: number; readonly rates: Rates };
  /** Percent of the listed price in batch processing; null: not sold in batches. Not used by calls, shown to people. */
  readonly batchPercent: number | null;
  readonly source: string;
  /** The day on which the row was compared with its source. */
  readonly checkedAt: string;
}

/** A price as vendors print it, in US dollars per million tokens: '0.125' -> 125,000 pico-dollars per token. */
export function perMTok(usd: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(usd);
  if (!match) throw new Error(`"${usd}" is no price per million tokens`);
  return BigInt(match[1] as string) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}

interface RowText {
  readonly from: string;
  /** input, cache read, output; or input, cache read, 5-minute write, 1-hour write, output. `-`: not sold. */
  readonly usd: string;
  readonly long?: { readonly above: number; readonly usd: string };
  readonly source: string;
  readonly checked: string;
}

/** A price row from the vendor's own figures. */
export function priceRow({ from, usd, long, source, checked }: RowText): PriceRow {
  return {
    validFrom: `${from}T00:00:00Z`,
    rates: rates(usd),
    ...(long && { long: { aboveInputTokens: long.above, rates: rates(long.usd) } }),
    batchPercent: 50,
    source,
    checkedAt: checked,
  };
}

function rates(usd: string): Rates {
  const cells = usd.split(/\s+/).map((cell) => (cell === '-' ? null : perMTok(cell)));
  const [input, cacheRead = null] = cells;
  const output = cells.at(-1);
  if (input == null || output == null || (cells.length !== 3 && cells.length !== 5))
    throw new Error(`"${usd}" is no row of prices`);
  // Where writing to the cache costs nothing extra, a token that is written is an input token.
  const [cacheWrite5m = input, cacheWrite1h = null] = cells.slice(2, -1);
  return { input, cacheRead, cacheWrite5m, cacheWrite1h, output };
}
