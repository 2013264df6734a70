import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findModel, listModels } from './catalog.ts';
import { priceRow } from './price-row.ts';
import { priceAt, priceUsage } from './price-usage.ts';
import { readUsage as readAnthropic } from './providers/anthropic-usage.ts';
import { readUsage as readOpenAi } from './providers/openai-usage.ts';
import type { Usage } from './types.ts';

interface Golden {
  readonly name: string;
  readonly vendor: 'anthropic' | 'openai';
  readonly model: string;
  readonly at: string;
  /** Anthropic: the usage of message_start and of the last message_delta. */
  readonly start?: Parameters<typeof readAnthropic>[0];
  readonly last?: Parameters<typeof readAnthropic>[1];
  readonly usage?: Parameters<typeof readOpenAi>[0];
  /** Computed outside of this project, with fractions, from the vendors' price tables. */
  readonly nanoUsd: string;
}

const GOLDEN = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/usage-golden.json'), 'utf8')) as Golden[];
const NOTHING: Usage = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
const at = new Date('2026-11-22T00:00:00Z');

describe('the price of a usage', () => {
  it('is covered by many recorded shapes of both vendors', () => expect(GOLDEN.length).toBeGreaterThanOrEqual(40));

  it.each(GOLDEN)('is exact to the nano-dollar: $vendor, $model, $name', (golden) => {
    const usage =
      golden.vendor === 'anthropic'
        ? readAnthropic(golden.start ?? null, golden.last ?? null)
        : readOpenAi(golden.usage);
    if (!usage) throw new Error('the usage was not understood');
    expect(priceUsage(findModel(`${golden.vendor}/${golden.model}`), usage, new Date(golden.at))).toBe(
      BigInt(golden.nanoUsd),
    );
  });

  it('has a row at every instant of a model after its first, and none before', () => {
    const model = findModel('anthropic/claude-sonnet-5-5');
    expect(() => priceAt(model, new Date('2026-01-01T00:00:00Z'))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNKNOWN' }),
    );
    expect(priceAt(model, new Date('2027-06-01T00:00:00Z'))).toBe(model.prices.at(-1));
  });

  it('is refused for a class that is not sold, and for counts that are none', () => {
    const model = findModel('openai/gpt-4.1');
    for (const bad of [
      { cacheWrite1h: 1 },
      { input: -1 },
      { output: 0.5 },
      { cacheRead: Number.NaN },
      { output: 2 ** 53 },
    ]) {
      expect(() => priceUsage(model, { ...NOTHING, ...bad }, at), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ code: 'MODEL_UNKNOWN' }),
      );
    }
  });

  it('does not count reasoning twice', () => {
    const model = findModel('openai/gpt-4.1');
    expect(priceUsage(model, { ...NOTHING, output: 10, reasoning: 10 }, at)).toBe(80_000n);
  });
});

describe('the catalog', () => {
  it('orders the prices of each model by date and says where each was read, and when', () => {
    for (const model of listModels()) {
      const dates = model.prices.map((row) => row.validFrom);
      expect(dates, model.id).toEqual([...dates].sort());
      for (const row of model.prices) {
        expect(row.source.length, model.id).toBeGreaterThan(5);
        expect(row.checkedAt, model.id).toMatch(/^2026-\d\d-\d\d$/);
      }
    }
  });

  it('is never dearer below a tier than above it, so that a bound in the upper tier holds', () => {
    for (const model of listModels()) {
      for (const { rates, long } of model.prices) {
        if (!long) continue;
        for (const name of ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output'] as const) {
          expect((long.rates[name] ?? 0n) >= (rates[name] ?? 0n), `${model.id} ${name}`).toBe(true);
        }
      }
    }
  });

  it('takes no row that it does not understand', () => {
    for (const usd of ['1 2', '1 2 3 4', '1 2 3 4 5 6', '1 2 x', '1 2 0.1234567', '- 1 2', '']) {
      expect(() => priceRow({ from: '2026-01-01', usd, source: 'test', checked: '2026-01-01' }), usd).toThrow();
    }
  });
});
