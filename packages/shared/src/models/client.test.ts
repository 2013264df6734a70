import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type Answer, inOrder, type Script } from '@orchestrator/testkit/scripts/script.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KEY, type ModelStage, openModelStage as open, QUESTION } from '../../test/model-stage.ts';
import { BudgetDenied } from '../budget/denied.ts';
import { readEnvironment } from '../config/environment.ts';
import { createMetricsPage } from '../telemetry/registry.ts';
import { createModelClient } from './client.ts';

const never = new AbortController().signal;
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

describe('the model client', () => {
  it('answers, and charges what the vendor bills to the nano-dollar', async () => {
    stage = await openModelStage({ text: 'Hello there.' });
    const { meter } = stage.openai;

    const reply = await stage.ask();

    expect(reply).toMatchObject({
      text: 'Hello there.',
      stop: 'end',
      provider: 'openai',
      model: 'gpt-4.1',
      replayed: false,
    });
    expect(reply.costNanoUsd).toBe(meter.nanoUsd);
    expect(await stage.window()).toMatchObject({ settledNanoUsd: meter.nanoUsd, reservedNanoUsd: 0n });
    expect(await stage.calls()).toMatchObject([
      { state: 'committed', role: 'coder', ordinal: 1, costNanoUsd: meter.nanoUsd, response: { text: 'Hello there.' } },
    ]);
  });

  it('counts calls, tokens and cost as the ledger has them', async () => {
    stage = await openModelStage({ text: 'Hello there.' });
    const page = createMetricsPage([], () => {});
    const labels = 'role="coder",model="openai/gpt-4.1"';
    const value = async (name: string): Promise<number> => {
      const line = (await page.render()).text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.split(' ')[1] ?? 0);
    };
    const names = [
      `orchestrator_model_calls_total{${labels},outcome="settled"}`,
      `orchestrator_model_cost_usd_total{${labels}}`,
      `orchestrator_model_tokens_total{${labels},kind="output"}`,
      `orchestrator_model_call_duration_seconds_count{${labels}}`,
    ] as const;
    const before = await Promise.all(names.map(value));
    const reply = await stage.ask();
    const after = await Promise.all(names.map(value));
    const [calls, usd, output, durations] = after.map((now, at) => now - (before[at] ?? 0));
    expect([calls, output, durations]).toEqual([1, reply.usage.output, 1]);
    expect(usd).toBeCloseTo(Number(reply.costNanoUsd) / 1e9, 12);
  });

  it('reserves before the request is sent, and holds it while the answer is awaited', async () => {
    let held = 0n;
    let state: string | undefined;
    stage = await openModelStage(async () => {
      held = (await stage.window()).reservedNanoUsd;
      state = (await stage.calls())[0]?.state;
      return { text: 'ok' };
    });

    const reply = await stage.ask();

    expect(state).toBe('reserved');
    expect(held).toBeGreaterThan(reply.costNanoUsd);
  });

  it('asks the analyzer at Anthropic, by schema', async () => {
    stage = await openModelStage(
      { text: '{"a":"b"}' },
      { config: { models: { analyzer: { model: 'anthropic/claude-sonnet-5-5' } } } },
    );
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };

    const reply = await stage.ask({ ...QUESTION, role: 'analyzer', schema: { name: 'answer', schema } });

    expect(reply).toMatchObject({ text: '{"a":"b"}', provider: 'anthropic', model: 'claude-sonnet-5-5' });
    expect(reply.costNanoUsd).toBe(stage.anthropic.meter.nanoUsd);
    const format = { type: 'json_schema', schema };
    expect(stage.anthropic.generations[0]?.body).toMatchObject({ max_tokens: 4_096, output_config: { format } });
  });

  it('gives the committed reply again to the same question of the same stage run, for nothing', async () => {
    stage = await openModelStage(inOrder({ text: 'one' }, { text: 'two' }, { text: 'three' }));
    const first = createModelClient(stage.options);
    await first.generate(QUESTION, never);
    await first.generate(QUESTION, never);

    const again = createModelClient(stage.options);
    const replies = [];
    for (let asked = 0; asked < 3; asked++) replies.push(await again.generate(QUESTION, never));

    expect(replies.map(({ text, replayed }) => [text, replayed])).toEqual([
      ['one', true],
      ['two', true],
      ['three', false],
    ]);
    expect(stage.openai.generations).toHaveLength(3);
    expect(replies.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)).toBe((await stage.window()).settledNanoUsd);
  });

  it('asks again when the question differs', async () => {
    stage = await openModelStage({ text: 'ok' });
    await stage.ask();

    const reply = await stage.ask({ ...QUESTION, system: 'Be long.' });

    expect(reply.replayed).toBe(false);
    expect(stage.openai.generations).toHaveLength(2);
  });

  it('takes a recording of another run when told to prefer recordings', async () => {
    stage = await openModelStage({ text: 'recorded' });
    await stage.ask();
    const elsewhere = { stageRunId: null, runId: null };

    const paid = await stage.ask(QUESTION, elsewhere);
    const replayed = await stage.ask(QUESTION, { ...elsewhere, recordings: 'prefer' });

    expect(paid.replayed).toBe(false);
    expect(replayed).toMatchObject({ text: 'recorded', replayed: true, costNanoUsd: 0n });
    expect(stage.openai.generations).toHaveLength(2);
  });

  it('sends nothing when the budget denies, and leaves no trace of a call', async () => {
    stage = await openModelStage({ text: 'ok' }, { limitUsd: '0.001' });

    await expect(stage.ask()).rejects.toBeInstanceOf(BudgetDenied);

    expect(stage.openai.requests).toHaveLength(0);
    expect(await stage.calls()).toEqual([]);
    expect(await stage.entries()).toEqual([]);
  });

  it('sends nothing when the ledger fails', async () => {
    stage = await open({ text: 'ok' });
    await stage.test.database.$executeRawUnsafe('ALTER TABLE budget_entry RENAME TO elsewhere');

    await expect(stage.ask()).rejects.toThrow();

    expect(stage.openai.requests).toHaveLength(0);
  });

  it('names the variable of a missing key', async () => {
    stage = await openModelStage({ text: 'ok' });

    const asked = stage.ask(QUESTION, { env: readEnvironment({ OPENAI_BASE_URL: stage.openai.url }, '/tmp') });

    await expect(asked).rejects.toMatchObject({ code: 'KEY_MISSING', detail: { variable: 'OPENAI_API_KEY' } });
    expect(stage.openai.requests).toHaveLength(0);
  });

  it('names the variable of a rejected key, and never the key', async () => {
    stage = await openModelStage({ text: 'ok' });
    const wrong = 'key-of-somebody-else';
    const env = readEnvironment({ OPENAI_API_KEY: wrong, OPENAI_BASE_URL: stage.openai.url }, '/tmp');

    const error = await stage.ask(QUESTION, { env }).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'KEY_REJECTED', detail: { variable: 'OPENAI_API_KEY', provider: 'OpenAI' } });
    const written = await stage.test.database.$queryRaw`SELECT row_to_json(model_call)::text FROM model_call`;
    expect(`${JSON.stringify(error)}${JSON.stringify(written)}`).not.toMatch(new RegExp(`${wrong}|${KEY}`));
    expect(await stage.window()).toMatchObject({ settledNanoUsd: 0n, reservedNanoUsd: 0n });
  });

  it('refuses a model that it has no price for', async () => {
    stage = await openModelStage({ text: 'ok' }, { config: { models: { coder: { model: 'openai/gpt-99' } } } });

    await expect(stage.ask()).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    expect(stage.openai.requests).toHaveLength(0);
  });

  it('uses the successor of a model that has ended', async () => {
    stage = await openModelStage({ text: 'ok' });

    const reply = await stage.ask(QUESTION, { now: () => new Date('2027-02-01T00:00:00Z') });

    expect(reply.model).toBe('gpt-6-luna');
  });

  it('keeps an answer whose text no database would take as it is', async () => {
    stage = await openModelStage({ text: 'a\0b' });
    const odd = { ...QUESTION, system: 'half a pair: \ud800' };

    const { text } = await stage.ask(odd);

    expect(text).toBe('a\uFFFDb');
    expect(await stage.ask(odd)).toMatchObject({ text, replayed: true });
  });
});
