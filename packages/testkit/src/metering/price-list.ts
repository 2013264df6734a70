/**
 * The bill's own prices, in pico-dollars per token, kept apart from the project's catalog on purpose: a wrong price in
 * one of the two shows as a difference between the bill and the ledger.
 */
export interface PriceRow {
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite5m: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  /** Above this many input tokens the whole request is billed by `input` and `output` percent of the prices. */
  readonly long?: { readonly above: number; readonly inputPercent: bigint; readonly outputPercent: bigint };
  /** What the vendor answers to the name of an alias. */
  readonly snapshot?: string;
  readonly maxOutputTokens: number;
  /** Models of Anthropic that answer 400 to `inference_geo`. */
  readonly withoutGeo?: true;
  /** Reasoning models of OpenAI refuse a temperature and max_tokens. */
  readonly reasoning?: true;
}

const claude = (inputUsd: number, outputUsd: number, rest: Partial<PriceRow> = {}): PriceRow => {
  const input = BigInt(Math.round(inputUsd * 1_000_000));
  return {
    input,
    cacheRead: input / 10n,
    cacheWrite5m: (input * 5n) / 4n,
    cacheWrite1h: input * 2n,
    output: BigInt(Math.round(outputUsd * 1_000_000)),
    maxOutputTokens: 64_000,
    ...rest,
  };
};

const gpt = (inputUsd: number, cachedUsd: number, outputUsd: number, rest: Partial<PriceRow> = {}): PriceRow => {
  const input = BigInt(Math.round(inputUsd * 1_000_000));
  return {
    input,
    cacheRead: BigInt(Math.round(cachedUsd * 1_000_000)),
    cacheWrite5m: input,
    cacheWrite1h: input,
    output: BigInt(Math.round(outputUsd * 1_000_000)),
    maxOutputTokens: 128_000,
    ...rest,
  };
};

/** A family whose cache writes cost a quarter more, with a dearer tier for long prompts. */
const gpt6 = (inputUsd: number, cachedUsd: number, outputUsd: number): PriceRow => {
  const write = BigInt(Math.round(inputUsd * 1_250_000));
  return gpt(inputUsd, cachedUsd, outputUsd, {
    cacheWrite5m: write,
    cacheWrite1h: write,
    reasoning: true,
    long: { above: 272_000, inputPercent: 200n, outputPercent: 150n },
  });
};

export const ANTHROPIC_PRICES: Readonly<Record<string, PriceRow>> = {
  'claude-sonnet-4-5': claude(3, 15, {
    snapshot: 'claude-sonnet-4-5-20250929',
    withoutGeo: true,
    long: { above: 200_000, inputPercent: 200n, outputPercent: 150n },
  }),
  'claude-sonnet-5-5': claude(2, 10, { cacheRead: 100_000n, maxOutputTokens: 128_000 }),
  'claude-haiku-4-5': claude(1, 5, { snapshot: 'claude-haiku-4-5-20251001', withoutGeo: true }),
  'claude-haiku-5-5': claude(0.1, 0.5, { long: { above: 100_000, inputPercent: 500n, outputPercent: 500n } }),
  'claude-opus-5-5': claude(4, 20, { cacheRead: 200_000n, maxOutputTokens: 128_000 }),
};

export const OPENAI_PRICES: Readonly<Record<string, PriceRow>> = {
  'gpt-4.1': gpt(2, 0.5, 8, { snapshot: 'gpt-4.1-2025-04-14', maxOutputTokens: 32_768 }),
  'gpt-4.1-mini': gpt(0.4, 0.1, 1.6, { snapshot: 'gpt-4.1-mini-2025-04-14', maxOutputTokens: 32_768 }),
  'gpt-4.1-nano': gpt(0.1, 0.025, 0.4, { snapshot: 'gpt-4.1-nano-2025-04-14', maxOutputTokens: 32_768 }),
  'gpt-5-mini': gpt(0.25, 0.025, 2, { reasoning: true }),
  'gpt-6-luna': gpt6(0.1, 0.01, 0.5),
  'gpt-6-sol': gpt6(2, 0.2, 10),
  'gpt-6.1-sol': gpt6(2, 0.1, 10),
};

/** The row of a model, by its name or the name of its dated snapshot. */
export function findPrice(list: Readonly<Record<string, PriceRow>>, model: string): PriceRow | undefined {
  return list[model] ?? Object.values(list).find((row) => row.snapshot === model);
}
