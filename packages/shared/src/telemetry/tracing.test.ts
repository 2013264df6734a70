import { startOtlpReceiver } from '@orchestrator/testkit/otlp-receiver.ts';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type ModelStage, openModelStage, QUESTION } from '../../test/model-stage.ts';
import { sink } from '../boot/logger.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import { createModelClient } from '../models/client.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import { runStage } from '../pipeline/run-stage.ts';
import type { StageContext } from '../pipeline/stage.ts';
import { openTracing } from './open-tracing.ts';
import { inSpan } from './tracing.ts';

let stage: ModelStage;
beforeEach(async () => {
  stage = await openModelStage({ text: 'Hello there.' });
});
afterEach(() => stage.close());

/** One worker that traces, as a process of its own: nothing is left of it but what it sent. */
async function work(endpoint: string, stageRunId: string, process: () => Promise<Outcome>): Promise<void> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=sec%20ret, other=1' };
  const { log, lines } = sink();
  const tracing = await openTracing(env, 'coder', log);
  const { db } = stage.options;
  await runStage(
    {
      db,
      log,
      workerId: 'worker-1',
      shutdown: new AbortController().signal,
      definition: (name) => ({ stage: name as 'code', timeoutMs: 60_000, process }),
      context: async (_held, signal) =>
        ({ config: OrchestratorConfig.parse({}), signal, log, task: { key: 'events_001' } }) as unknown as StageContext,
    },
    { stageRunId, generation: 1 },
  );
  await tracing.close();
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
}

const ask = () => createModelClient(stage.options).generate(QUESTION, new AbortController().signal);
const advance: Outcome = { kind: 'advance', artifacts: [] };

it('gives a run one trace, whose id is its own, over processes that share only the database', async () => {
  const { db, runId = '', stageRunId } = stage.options;
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.close());
  const first = await db.stageRun.create({ data: { runId: runId as string, stage: 'baseline' } });

  await work(receiver.url, first.id, async () => advance);
  await work(receiver.url, stageRunId as string, async () => {
    await ask();
    return advance;
  });

  const traceId = (runId as string).replaceAll('-', '');
  expect(new Set(receiver.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const [run, baseline, model, code] = ['run', 'stage baseline', 'model coder', 'stage code'].map((name) =>
    receiver.spans.filter((span) => span.name === name),
  );
  expect([run, baseline, model, code].map((spans) => spans?.length)).toEqual([1, 1, 1, 1]);
  expect(run?.[0]).toMatchObject({ parentSpanId: undefined, spanId: traceId.slice(16), service: 'orchestrator-coder' });
  expect(run?.[0]?.values).toMatchObject({ 'orchestrator.task': 'events_001' });
  expect(baseline?.[0]).toMatchObject({ parentSpanId: run?.[0]?.spanId, failed: false });
  expect(code?.[0]).toMatchObject({ parentSpanId: run?.[0]?.spanId, failed: false });
  expect(code?.[0]?.values).toMatchObject({
    'orchestrator.outcome': 'advance: validate',
    'orchestrator.worker': 'worker-1',
  });
  expect(model?.[0]).toMatchObject({ parentSpanId: code?.[0]?.spanId });
  const [call] = await stage.calls();
  expect(model?.[0]?.values).toMatchObject({
    'gen_ai.request.model': 'gpt-4.1',
    'orchestrator.result': 'success',
    'orchestrator.call': call?.id,
    'orchestrator.cost_nano_usd': String(call?.costNanoUsd),
  });
  expect(JSON.stringify(receiver.spans)).not.toContain(QUESTION.messages[0]?.content);
  expect(receiver.headers[0]).toMatchObject({ 'x-key': 'sec ret', other: '1' });
});

it('marks what failed, without secrets', async () => {
  const { stageRunId } = stage.options;
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.close());
  await work(receiver.url, stageRunId as string, async () => {
    throw new Error('once');
  });
  expect(receiver.spans).toMatchObject([
    { name: 'stage code', failed: true, values: { 'orchestrator.outcome': 'retry' } },
  ]);
});

it('works on, and soon ends, where nobody takes the traces', async () => {
  const { stageRunId, db } = stage.options;
  const beganAt = performance.now();
  await work('http://127.0.0.1:9', stageRunId as string, async () => advance);
  expect(performance.now() - beganAt).toBeLessThan(20_000);
  expect(await db.stageRun.findUnique({ where: { id: stageRunId as string } })).toMatchObject({ state: 'succeeded' });
});

it('is nothing where no endpoint is set', async () => {
  const tracing = await openTracing({}, 'coder', sink().log);
  const result = await inSpan({ name: 'any', values: {} }, async (note) => {
    note({ some: 'value' }, 'a failure');
    return 7;
  });
  expect(result).toBe(7);
  await tracing.close();
});
