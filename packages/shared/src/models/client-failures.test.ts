import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type Answer, type Fault, inOrder, type Script } from '@orchestrator/testkit/scripts/script.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ModelStage, openModelStage as open, QUESTION } from '../../test/model-stage.ts';
import { thaw } from '../budget/freeze.ts';
import { budgetReport } from '../budget/report.ts';
import { classify } from '../pipeline/classify-error.ts';
import { createModelClient } from './client.ts';
import { ModelWait } from './model-wait.ts';
import { outcomeOf, type SeenResult } from './outcomes.ts';

const openModelStage = (script: Script | Answer, more: { limitUsd?: string; config?: object } = {}) =>
  open(script, { ...more, shared });

let shared: TestDatabase;
let stage: ModelStage;
beforeAll(async () => {
  shared = await testDatabase();
});
afterEach(() => stage.close());
afterAll(async () => {
  // Nothing that happens here may pass a bound.
  const overruns = await shared.database.budgetOverrun.count();
  await shared.close();
  expect(overruns).toBe(0);
});

const TEXT = 'All work and no play makes Jack a dull boy. '.repeat(100);
const MATRIX: readonly (readonly [Answer, SeenResult])[] = [
  [{ text: TEXT }, 'success'],
  [{ text: TEXT.repeat(20) }, 'truncated'],
  [{ refusal: 'No.' }, 'refusal'],
  ...(
    [
      [{ kind: 'missing-usage' }, 'missing_usage'],
      [{ kind: 'wrong-model', model: 'other' }, 'wrong_model'],
      [{ kind: 'wrong-tier', tier: 'priority' }, 'wrong_model'],
      [{ kind: 'status', status: 429 }, 'rate_limited'],
      [{ kind: 'status', status: 529 }, 'overloaded'],
      [{ kind: 'status', status: 500 }, 'server_error'],
      [{ kind: 'status', status: 502 }, 'gateway_error'],
      [{ kind: 'status', status: 402 }, 'spend_limit'],
      [{ kind: 'status', status: 401 }, 'key_rejected'],
      [{ kind: 'status', status: 404 }, 'not_offered'],
      [{ kind: 'status', status: 400 }, 'rejected'],
      [{ kind: 'status', status: 308 }, 'rejected'],
      [{ kind: 'stream-error', type: 'overloaded_error' }, 'stream_error'],
      [{ kind: 'malformed' }, 'malformed'],
      [{ kind: 'truncate' }, 'reset'],
      [{ kind: 'reset', when: 'before-headers' }, 'reset'],
      [{ kind: 'reset', when: 'mid-body' }, 'reset'],
      [{ kind: 'hang', when: 'before-headers' }, 'timeout'],
      [{ kind: 'hang', when: 'mid-body' }, 'timeout'],
    ] satisfies [Fault, SeenResult][]
  ).map(([fault, result]): [Answer, SeenResult] => [{ text: TEXT, fault }, result]),
];

describe.each(['analyzer', 'coder'] as const)('a call of the %s', (role) => {
  it.each(MATRIX.map(([answer, result]) => [answer.fault ?? 'no fault', result, answer] as const))(
    'with %j ends as the table says of %s',
    async (_fault, result, answer) => {
      // A busy machine is no failure: only what never ends is given up soon.
      const timeout = result === 'timeout' ? '3s' : '50s';
      stage = await openModelStage(answer, {
        config: {
          models: { analyzer: { model: 'anthropic/claude-haiku-4-5', timeout }, coder: { timeout } },
        },
      });
      const server = role === 'analyzer' ? stage.anthropic : stage.openai;
      const { money, freezes, next, error: code } = outcomeOf(result);

      const ended = await stage
        .ask({ ...QUESTION, role }, { policy: { backoffMs: 1, maxAttempts: 2, parkMs: 1_000 } })
        .catch((error: unknown) => error);

      const attempts = next === 'retry' || next === 'wait' ? 2 : 1;
      expect(server.generations).toHaveLength(attempts);
      expect((await stage.entries()).sort()).toEqual(
        [...Array(attempts).fill(money), ...Array(attempts).fill('reserve')].sort(),
      );
      expect(ended).toMatchObject(next === 'reply' ? { replayed: false } : { code });
      expect(ended instanceof ModelWait).toBe(attempts === 2 && money === 'release');
      const { reservedNanoUsd, settledNanoUsd, frozenAt } = await stage.window();
      expect([reservedNanoUsd, frozenAt !== null]).toEqual([0n, freezes ?? false]);
      expect(settledNanoUsd).toBeGreaterThanOrEqual(server.meter.nanoUsd);
      if (money === 'settle') expect(settledNanoUsd).toBe(server.meter.nanoUsd);
      if (money === 'release') expect(settledNanoUsd).toBe(0n);
      const calls = await stage.calls();
      expect(calls.reduce((sum, call) => sum + call.costNanoUsd, 0n)).toBe(settledNanoUsd);
    },
  );
});

describe('the model client, when a call fails', () => {
  it('waits as long as the vendor asks where that is short', async () => {
    stage = await openModelStage(
      inOrder({ fault: { kind: 'status', status: 429, retryAfterSeconds: 0 } }, { text: 'ok' }),
    );

    expect((await stage.ask()).text).toBe('ok');

    expect(await stage.entries()).toEqual(['reserve', 'release', 'reserve', 'settle']);
    expect((await stage.calls()).map(({ state }) => state)).toEqual(['released', 'committed']);
  });

  it('leaves a long wait to the stage', async () => {
    stage = await openModelStage({ fault: { kind: 'status', status: 429, retryAfterSeconds: 600 } });

    const error = await stage.ask().catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ModelWait);
    expect(error).toMatchObject({
      code: 'MODEL_RATE_LIMITED',
      until: new Date('2026-11-22T12:10:00Z'),
      detail: { waitMs: 600_000 },
    });
    expect(stage.openai.generations).toHaveLength(1);
  });

  it('parks the stage when the attempts are used up', async () => {
    stage = await openModelStage({ fault: { kind: 'status', status: 529 } });

    const error = await stage
      .ask(QUESTION, { policy: { backoffMs: 1, maxAttempts: 3, parkMs: 90_000 } })
      .catch((caught: unknown) => caught);

    expect(error).toMatchObject({
      name: 'ModelWait',
      code: 'MODEL_UNAVAILABLE',
      until: new Date('2026-11-22T12:01:30Z'),
    });
    expect(stage.openai.generations).toHaveLength(3);
  });

  it('parks the stage where no server listens, and charges nothing', async () => {
    stage = await openModelStage({ text: 'ok' });
    await stage.openai.close();

    await expect(stage.ask()).rejects.toMatchObject({ name: 'ModelWait', code: 'MODEL_UNAVAILABLE' });

    expect(await stage.window()).toMatchObject({ settledNanoUsd: 0n, reservedNanoUsd: 0n });
  });

  it('stops asking after a number of forfeits in a stage run, whoever asks', async () => {
    stage = await openModelStage({ text: 'x', fault: { kind: 'reset', when: 'before-headers' } });
    const policy = { backoffMs: 1, maxForfeits: 2 };

    await expect(stage.ask(QUESTION, { policy })).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    await expect(stage.ask(QUESTION, { policy })).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });

    expect(stage.openai.generations).toHaveLength(2);
  });

  it('gives up in the middle when the caller does, and counts the call as spent', async () => {
    const caller = new AbortController();
    stage = await openModelStage(() => {
      caller.abort(new Error('lease lost'));
      return { text: 'x', fault: { kind: 'hang', when: 'before-headers' } };
    });

    await expect(createModelClient(stage.options).generate(QUESTION, caller.signal)).rejects.toThrow('lease lost');

    expect(await stage.entries()).toEqual(['reserve', 'forfeit']);
    expect((await stage.window()).settledNanoUsd).toBeGreaterThan(stage.openai.meter.nanoUsd);
  });

  it('charges exact input and full output for an answer of Anthropic that broke off', async () => {
    stage = await openModelStage(
      { text: TEXT, fault: { kind: 'reset', when: 'mid-body' } },
      { config: { models: { analyzer: { model: 'anthropic/claude-haiku-4-5' } } } },
    );

    await expect(stage.ask({ ...QUESTION, role: 'analyzer' }, { policy: { maxAttempts: 1 } })).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
    });

    const [call] = await stage.calls();
    expect(call?.costNanoUsd).toBeLessThan(call?.reservedNanoUsd ?? 0n);
    expect(call?.costNanoUsd).toBeGreaterThan(4_096n * 5_000n);
  });

  it.each([
    ['analyzer', { kind: 'wrong-model', model: 'claude-opus-5' }, 'the answer is of model "claude-opus-5"'],
    ['analyzer', { kind: 'wrong-tier', tier: 'priority' }, 'the answer is of service tier "priority"'],
    ['analyzer', { kind: 'wrong-speed', speed: 'fast' }, 'the answer is of speed "fast"'],
    ['analyzer', { kind: 'wrong-region', region: 'us' }, 'the answer is of region "us"'],
    ['coder', { kind: 'wrong-model', model: 'gpt-6-sol' }, 'the answer is of model "gpt-6-sol"'],
    ['coder', { kind: 'wrong-tier', tier: 'priority' }, 'the answer is of service tier "priority"'],
  ] as const)(
    'asks nothing more after an answer to the %s with %j, until a person has looked',
    async (role, fault, why) => {
      stage = await openModelStage(inOrder({ text: 'ok', fault }, { text: 'ok' }), {
        config: { models: { analyzer: { model: 'anthropic/claude-sonnet-5-5' } } },
      });
      const server = role === 'analyzer' ? stage.anthropic : stage.openai;
      const [budgetId = ''] = stage.options.budgetIds;
      const ask = () => stage.ask({ ...QUESTION, role });

      const error = await ask().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'MODEL_NOT_AS_PRICED', detail: { reason: why } });
      expect(classify(error)).toMatchObject({ outcome: { kind: 'wait', reason: 'budget' } });
      await expect(ask()).rejects.toMatchObject({ code: 'BUDGET_FROZEN', kind: 'FROZEN' });
      expect(server.generations).toHaveLength(1);

      const [call] = await stage.calls();
      expect(call).toMatchObject({ state: 'forfeited', costNanoUsd: call?.reservedNanoUsd });
      expect((await budgetReport(shared.database, budgetId))?.window).toMatchObject({
        frozenReason: 'not_as_priced',
        frozenBy: why,
        settledNanoUsd: call?.reservedNanoUsd,
      });
      expect(await thaw(shared.database, budgetId)).toBe(1);
      expect((await ask()).text).toBe('ok');
    },
  );

  it('charges the whole hold for an answer without usage, once, and gives it', async () => {
    stage = await openModelStage({ text: 'ok', fault: { kind: 'missing-usage' } });

    const reply = await stage.ask();

    expect(await stage.window()).toMatchObject({ settledNanoUsd: reply.costNanoUsd, reservedNanoUsd: 0n });
    expect(await stage.ask()).toMatchObject({ text: 'ok', replayed: true });
    expect(await stage.entries()).toEqual(['reserve', 'forfeit']);
  });
});
