import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel, isEcho, listModels } from './catalog.ts';
import { priceUsage } from './price-usage.ts';
import { resolveModel } from './resolve-model.ts';

const known = new Set(listModels().map((model) => model.id));
const UNKNOWN = expect.objectContaining({ code: 'MODEL_UNKNOWN' });
const local = {
  id: 'openai/qwen',
  inputUsdPerMTok: 100_000_000n,
  outputUsdPerMTok: 200_000_000n,
  contextTokens: 32_000,
  maxOutputTokens: 4_000,
};

describe('an id of a model', () => {
  it('is exactly known or refused: ten thousand near misses', () => {
    const ids = [...known];
    // Near misses: a known id with a character dropped, doubled, replaced or added, a prefix, another case, another vendor.
    const nearMiss = fc
      .tuple(
        fc.constantFrom(...ids),
        fc.nat(),
        fc.constantFrom('drop', 'double', 'replace', 'append', 'prefix', 'upper', 'vendor', 'space'),
        fc.string({ minLength: 1, maxLength: 12 }),
      )
      .map(([id, at, how, text]) => {
        const i = at % id.length;
        if (how === 'drop') return id.slice(0, i) + id.slice(i + 1);
        if (how === 'double') return id.slice(0, i) + id[i] + id.slice(i);
        if (how === 'replace') return id.slice(0, i) + text[0] + id.slice(i + 1);
        if (how === 'append') return `${id}${text}`;
        if (how === 'prefix') return id.slice(0, i);
        if (how === 'upper') return id.toUpperCase();
        if (how === 'vendor') return id.replace('openai/', 'anthropic/');
        return ` ${id}`;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 4, arbitrary: nearMiss },
          fc.string(),
          fc.constantFrom('__proto__', 'constructor', 'openai/', 'gpt-4.1'),
        ),
        (id) => {
          if (known.has(id)) expect(findModel(id).id).toBe(id);
          else expect(() => findModel(id)).toThrow(UNKNOWN);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('may be added or overridden by the configuration, and the last entry holds', () => {
    const cheaper = { ...local, inputUsdPerMTok: 50_000_000n };
    expect(() => findModel('openai/qwen')).toThrow(UNKNOWN);
    const model = findModel('openai/qwen', [local, cheaper]);
    expect(model).toMatchObject({ name: 'qwen', provider: 'openai', tokenizer: 'unknown', contextTokens: 32_000 });
    const usage = { input: 1_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 10, reasoning: 0 };
    expect(priceUsage(model, usage, new Date(0))).toBe(52_000n);
    expect(listModels([cheaper]).filter((one) => one.id === 'openai/qwen')).toHaveLength(1);
    const overridden = findModel('openai/gpt-4.1', [{ ...local, id: 'openai/gpt-4.1' }]);
    expect(overridden).toMatchObject({ tokenizer: 'o200k_base', retirement: { at: '2027-01-14T00:00:00Z' } });
    expect(overridden.prices).toHaveLength(1);
  });

  it('needs a vendor whose API is spoken here', () => {
    expect(() => findModel('mistral/large', [{ ...local, id: 'mistral/large' }])).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('the model that a vendor says it used', () => {
  it.each([
    ['openai/gpt-4.1', 'gpt-4.1', true],
    ['openai/gpt-4.1', 'gpt-4.1-2025-04-14', true],
    ['openai/gpt-4.1', 'gpt-4.1-mini', false],
    ['openai/gpt-4.1', 'gpt-4.1-mini-2025-04-14', false],
    ['openai/gpt-4.1', 'gpt-4.1-2025', false],
    ['openai/gpt-4.1-2025-04-14', 'gpt-4.1-2025-04-14', true],
    ['openai/gpt-4.1-2025-04-14', 'gpt-4.1-2026-01-01', false],
    ['anthropic/claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', true],
    ['anthropic/claude-sonnet-5', 'claude-sonnet-5-5', false],
    ['anthropic/claude-sonnet-5', 'claude-sonnet-5-20260630', true],
    ['anthropic/claude-sonnet-4-5', '', false],
  ])('%s answered as "%s": %s', (id, answered, expected) => {
    expect(isEcho(findModel(id), answered)).toBe(expected);
  });
});

describe('the model of a role', () => {
  const resolve = (now: string, rest: Partial<Parameters<typeof resolveModel>[0]> = {}) =>
    resolveModel({ role: 'analyzer', configured: null, onRetired: 'replace', now: new Date(now), ...rest });

  it('is the first default while it lives, and its successor from its end on', () => {
    expect(resolve('2026-09-01T00:00:00Z')).toMatchObject({
      model: { id: 'anthropic/claude-sonnet-4-5' },
      replaced: null,
      ending: null,
    });
    expect(resolve('2026-11-29T23:59:59Z').model.id).toBe('anthropic/claude-sonnet-4-5');
    expect(resolve('2026-11-30T00:00:00Z')).toMatchObject({
      model: { id: 'anthropic/claude-sonnet-5-5' },
      replaced: { id: 'anthropic/claude-sonnet-4-5' },
    });
    expect(resolve('2027-01-13T00:00:00Z', { role: 'coder' }).model.id).toBe('openai/gpt-4.1');
    expect(resolve('2027-01-14T00:00:00Z', { role: 'coder' }).model.id).toBe('openai/gpt-6-luna');
  });

  it('is reported when it ends within sixty days', () => {
    expect(resolve('2026-10-01T00:00:00Z').ending).toMatchObject({
      days: 60,
      successor: 'anthropic/claude-sonnet-5-5',
    });
    expect(resolve('2026-09-30T00:00:00Z').ending).toBeNull();
  });

  it('is replaced by its successor when it was configured and has ended, or refused where that is wanted', () => {
    const configured = 'openai/gpt-4.1-nano';
    expect(resolve('2026-11-22T00:00:00Z', { configured })).toMatchObject({
      model: { id: 'openai/gpt-6-luna' },
      replaced: { id: configured, endedAt: new Date('2026-10-23T00:00:00Z') },
    });
    expect(() => resolve('2026-11-22T00:00:00Z', { configured, onRetired: 'refuse' })).toThrow(
      expect.objectContaining({ code: 'MODEL_RETIRED' }),
    );
    // A default that ended is nobody's choice: it is replaced all the same.
    expect(resolve('2026-12-22T00:00:00Z', { onRetired: 'refuse' }).model.id).toBe('anthropic/claude-sonnet-5-5');
  });

  it('has a successor that is in the catalog, wherever one is named', () => {
    for (const model of listModels())
      if (model.successor !== null) expect(known.has(model.successor), model.id).toBe(true);
  });
});
