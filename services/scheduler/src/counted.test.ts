import { setTimeout as sleep } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createStageWorkers } from '@orchestrator/shared/boot/stage-workers.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { claim } from '@orchestrator/shared/pipeline/claim.ts';
import { runStage, type StageWorker } from '@orchestrator/shared/pipeline/run-stage.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { createMetricsPage } from '@orchestrator/shared/telemetry/registry.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createLeader } from './leader.ts';
import { createRelay } from './relay.ts';
import { createSweeper } from './sweeper.ts';

let test: TestDatabase;
let transport: Transport;
beforeAll(async () => {
  test = await testDatabase();
  transport = await openBullmqTransport({ redisUrl: undefined, databaseUrl: test.url, log: sink().log });
});
afterAll(async () => {
  await transport.close();
  await test.close();
});

const page = createMetricsPage([], () => {});
async function value(line: string): Promise<number> {
  const found = (await page.render()).text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}

const workerOf = (process: () => Promise<void>): StageWorker => ({
  db: test.database,
  log: sink().log,
  workerId: 'worker-1',
  shutdown: new AbortController().signal,
  definition: () => ({
    stage: 'baseline',
    timeoutMs: 60_000,
    async process() {
      await process();
      return { kind: 'advance', artifacts: [] };
    },
  }),
  context: async (_held, signal, log) =>
    ({ config: OrchestratorConfig.parse({}), signal, log, task: { key: 'seeded' } }) as unknown as StageContext,
});

it('counts what is published, and the time of a stage by what came of it', async () => {
  const relay = createRelay({ databaseUrl: test.url, transport, log: sink().log });
  await relay.start();
  onTestFinished(() => relay.stop());
  const { stageRunId } = await seedRun(test.database);
  await vi.waitFor(async () => expect(await value('orchestrator_published_total{queue="validator"}')).toBe(1), 20_000);
  await runStage(
    workerOf(() => sleep(50)),
    { stageRunId, generation: 1 },
  );
  const stage = 'stage="baseline",outcome="advance"';
  expect(await value(`orchestrator_stage_duration_seconds_count{${stage}}`)).toBe(1);
  expect(await value(`orchestrator_stage_duration_seconds_sum{${stage}}`)).toBeGreaterThan(0.04);
});

it('counts leases that ran out, and the result of the worker that lost its one', async () => {
  const { stageRunId } = await seedRun(test.database);
  const late = Promise.withResolvers<void>();
  const zombie = runStage(
    workerOf(() => late.promise),
    { stageRunId, generation: 1 },
  );
  await vi.waitFor(
    async () =>
      expect(await test.database.stageRun.findUnique({ where: { id: stageRunId } })).toMatchObject({
        state: 'running',
      }),
    20_000,
  );
  const leader = createLeader({ databaseUrl: test.url, log: sink().log });
  const sweeper = createSweeper({ db: test.database, transport, log: sink().log, leader, everyMs: 50 });
  await test.database
    .$executeRaw`UPDATE stage_run SET lease_until = now() - interval '1 hour' WHERE id = ${stageRunId}::uuid`;
  await sweeper.start();
  await vi.waitFor(async () => expect(await value('orchestrator_lease_expiries_total')).toBe(1), 20_000);
  await sweeper.stop();
  await leader.stop();
  late.resolve();
  await zombie;
  expect(await value('orchestrator_stale_completions_total{stage="baseline"}')).toBe(1);
});

it('counts a lease that another worker takes over before it is swept', async () => {
  const { stageRunId } = await seedRun(test.database);
  await claim(test.database, stageRunId, 'gone');
  const before = await value('orchestrator_lease_expiries_total');
  await test.database
    .$executeRaw`UPDATE stage_run SET lease_until = now() - interval '1 hour' WHERE id = ${stageRunId}::uuid`;
  await runStage(
    workerOf(async () => {}),
    { stageRunId, generation: 1 },
  );
  expect(await value('orchestrator_lease_expiries_total')).toBe(before + 1);
});

it('counts what the queue had lost', async () => {
  const { stageRunId } = await seedRun(test.database);
  await test.database.$executeRaw`DELETE FROM outbox`;
  await test.database
    .$executeRaw`UPDATE stage_run SET published_at = now() - interval '1 hour' WHERE id = ${stageRunId}::uuid`;
  const before = await value('orchestrator_republished_total');
  const leader = createLeader({ databaseUrl: test.url, log: sink().log });
  const sweeper = createSweeper({ db: test.database, transport, log: sink().log, leader, everyMs: 50 });
  await sweeper.start();
  await vi.waitFor(async () => expect(await value('orchestrator_republished_total')).toBeGreaterThan(before), 20_000);
  await sweeper.stop();
  await leader.stop();
});

it('tells how many stages a process works on', async () => {
  const { database: db, url: databaseUrl } = test;
  const env = readEnvironment({}, '/nowhere');
  const resources = { db, databaseUrl, env, log: sink().log, transport, workerId: 'worker-2' };
  const workers = createStageWorkers({ resources: resources as never, stages: [] });
  expect(await workers.samples?.()).toEqual([{ name: 'orchestrator_stages_in_flight', labels: {}, value: 0 }]);
});
