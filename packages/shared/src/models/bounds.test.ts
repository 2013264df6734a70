import { checkSoundness, measureTightness } from '@orchestrator/testkit/budget-bounds.ts';
import { describe, expect, it } from 'vitest';
import { type BoundedRequest, costBound } from './bounds.ts';
import { findModel, listModels } from './catalog.ts';
import { countO200k } from './count-text.ts';
import { byteBound, inputBound } from './input-bound.ts';
import { priceUsage } from './price-usage.ts';

/** `npm run bench:budget` looks at 50,000. */
const PROMPTS = 5_000;
const at = new Date('2026-11-22T00:00:00Z');
const gpt = findModel('openai/gpt-4.1');
const claude = findModel('anthropic/claude-sonnet-4-5');
const ask = (...messages: string[]): BoundedRequest => ({
  system: 'You write specifications.',
  messages: messages.map((content) => ({ role: 'user', content })),
  maxOutputTokens: 1_000,
});

describe('the bound of a request', () => {
  it(
    `is never below what is counted, over ${PROMPTS} prompts of every kind`,
    async () => {
      const { below, example, closest } = await checkSoundness(PROMPTS);
      expect([below, example]).toEqual([0, null]);
      expect(closest).toBeGreaterThan(0.5);
    },
    PROMPTS * 20 + 60_000,
  );

  it('is tight over prompts made of the files of a repository', async () => {
    const { openai, claude, least } = await measureTightness(500);
    expect(openai).toBeLessThanOrEqual(1.05);
    expect(claude).toBeLessThanOrEqual(1.1);
    expect(least).toBeGreaterThanOrEqual(1);
  }, 300_000);

  it('covers every way in which the tokens can be billed, in every model', async () => {
    const request = {
      ...ask('x'.repeat(5_000)),
      messages: [{ role: 'user' as const, content: 'word '.repeat(4_000), cacheable: true }],
    };
    for (const model of listModels()) {
      const { inputTokens, maxOutputTokens, amountNanoUsd } = await costBound(model, request, { at });
      const usage = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: maxOutputTokens, reasoning: 0 };
      for (const name of ['input', 'cacheRead', 'cacheWrite5m'] as const) {
        expect(priceUsage(model, { ...usage, [name]: inputTokens }, at) <= amountNanoUsd, `${model.id} ${name}`).toBe(
          true,
        );
      }
    }
  });

  it('takes the dearer tier as soon as the bound can reach it', async () => {
    const haiku = findModel('anthropic/claude-haiku-5-5');
    const near = (tokens: number) => costBound(haiku, ask('hello'), { at, countTokens: async () => tokens });
    // Bytes are the smaller bound for such a small text, so the count only matters where it is large in bytes too.
    expect(await near(10)).toMatchObject({ tier: 'base' });
    const long = ask('word '.repeat(60_000));
    const tier = async (tokens: number) => (await costBound(haiku, long, { at, countTokens: async () => tokens })).tier;
    expect(await tier(94_994)).toBe('base');
    expect(await tier(94_996)).toBe('long');
  });

  it('prices input at the cache write where a marker or the vendor writes, and only there', async () => {
    const plain = ask('hello');
    const marked = { ...plain, messages: [{ role: 'user' as const, content: 'hello', cacheable: true }] };
    const amount = async (id: string, request: BoundedRequest) => {
      const { inputTokens, amountNanoUsd } = await costBound(findModel(id), { ...request, maxOutputTokens: 0 }, { at });
      return (amountNanoUsd * 1_000n) / BigInt(inputTokens);
    };
    expect(await amount('anthropic/claude-sonnet-4-5', plain)).toBe(3_000_000n);
    expect(await amount('anthropic/claude-sonnet-4-5', marked)).toBe(3_750_000n);
    expect(await amount('openai/gpt-4.1', marked)).toBe(2_000_000n);
    expect(await amount('openai/gpt-6-sol', plain)).toBe(2_500_000n);
  });

  it('falls back to bytes where the vendor does not count, or counts nonsense', async () => {
    const request = ask('hello world '.repeat(100));
    const bytes = byteBound(request);
    for (const countTokens of [
      undefined,
      async () => Promise.reject(new Error('down')),
      async () => Number.NaN,
      async () => -1,
      async () => 0,
    ]) {
      expect(await inputBound(claude, request, { at, ...(countTokens ? { countTokens } : {}) })).toBe(bytes);
    }
    expect(await inputBound(claude, request, { at, countTokens: async () => 10 ** 9 })).toBe(bytes);
  });

  it('counts the schema of the answer', async () => {
    const schema = {
      name: 'spec',
      schema: {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`field${i}`, { type: 'string' }])),
      },
    };
    const plain = ask('hello');
    const more = (await inputBound(gpt, { ...plain, schema }, { at })) - (await inputBound(gpt, plain, { at }));
    expect(more).toBeGreaterThan(await countO200k(JSON.stringify(schema)));
    expect(byteBound({ ...plain, schema }) - byteBound(plain)).toBeGreaterThan(JSON.stringify(schema).length);
  });

  it('refuses a model that has no price at that time', async () => {
    await expect(costBound(gpt, ask('hello'), { at: new Date('2020-01-01T00:00:00Z') })).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
    });
  });
});

describe('counting a text', () => {
  it('lets other work go on, also with text that tokenizers choke on', async () => {
    let ticks = 0;
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      ticks += 1;
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await countO200k('warm up');
    await countO200k(Array.from({ length: 400_000 }, (_, i) => `word${i * 7919} `).join(''));
    expect(ticks).toBeGreaterThan(3);
    const start = performance.now();
    for (const run of ['a'.repeat(200_000), ' '.repeat(200_000), '='.repeat(200_000), '語'.repeat(100_000)]) {
      expect(await countO200k(run)).toBeGreaterThanOrEqual(run.length);
    }
    clearInterval(timer);
    // Merging one of these as a single piece takes the tokenizer several seconds.
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
