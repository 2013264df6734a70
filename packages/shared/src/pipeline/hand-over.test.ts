import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sink } from '../boot/logger.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import type { HandOver } from './commit-outcome.ts';
import { pause } from './control/pause.ts';
import { handingOver } from './hand-over.ts';
import { runStage, type StageWorker } from './run-stage.ts';
import type { StageContext } from './stage.ts';

const BY = { actor: 'test' };
let test: TestDatabase;
let seeded: SeededRun;
let handed: HandOver[];
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.database.$executeRaw`TRUNCATE outbox, stage_attempt, stage_run, run CASCADE`;
  await test.database.$executeRaw`UPDATE queue_control SET paused = false`;
  seeded = await seedRun(test.database);
  handed = [];
});

const config = OrchestratorConfig.parse({});
const worker = (handOver?: StageWorker['handOver']): StageWorker => ({
  db: test.database,
  log: sink().log,
  workerId: 'worker-1',
  shutdown: new AbortController().signal,
  definition: () => ({
    stage: 'baseline',
    timeoutMs: 60_000,
    process: async () => ({ kind: 'advance', artifacts: [] }),
  }),
  context: async () => ({ config, task: { key: 'seeded' } }) as unknown as StageContext,
  ...(handOver ? { handOver } : {}),
});
const take = async (message: HandOver) => void handed.push(message);
const work = (handOver: StageWorker['handOver'] = take) =>
  runStage(worker(handOver), { stageRunId: seeded.stageRunId, generation: 1 });
const next = () =>
  test.database.stageRun.findFirstOrThrow({ where: { runId: seeded.runId, stage: 'analyze' }, select: SHOWN });
const SHOWN = { id: true, state: true, generation: true, publishedAt: true } as const;
const announced = async () =>
  (await test.database.outbox.findMany({ where: { queue: 'analyzer' } })).map(({ stageRunId, generation }) => ({
    stageRunId,
    generation,
  }));

describe('the stage that follows', () => {
  it('is handed over by the worker that ended the one before, without the relay', async () => {
    await work();
    const { id, publishedAt } = await next();
    expect(handed).toEqual([{ queue: 'analyzer', stageRunId: id, generation: 1 }]);
    expect(publishedAt).not.toBeNull();
    expect(await announced()).toEqual([]);
  });

  it('is left to the relay by a worker without a queue', async () => {
    await runStage(worker(), { stageRunId: seeded.stageRunId, generation: 1 });
    const { id, publishedAt } = await next();
    expect(publishedAt).toBeNull();
    expect(await announced()).toEqual([{ stageRunId: id, generation: 1 }]);
  });

  it('waits for its turn where something else waits for the same queue', async () => {
    const other = await seedRun(test.database, { stage: 'analyze' });
    await work();
    expect(handed).toEqual([]);
    expect(await announced()).toHaveLength(2);
    expect((await announced()).map((row) => row.stageRunId)).toContain(other.stageRunId);
  });

  it('waits where as many are on their way as the window holds', async () => {
    for (let i = 0; i < 4; i++) await seedRun(test.database, { stage: 'analyze' });
    await test.database.$executeRaw`UPDATE stage_run SET published_at = now() WHERE stage = 'analyze'`;
    await test.database.$executeRaw`DELETE FROM outbox WHERE queue = 'analyzer'`;
    await work();
    expect(handed).toEqual([]);
    expect(await announced()).toHaveLength(1);
  });

  it.each([
    ['everything', () => pause(test.database, { kind: 'system' }, BY)],
    ['its queue', () => pause(test.database, { kind: 'queue', queue: 'analyzer' }, BY)],
    ['its repository', () => pause(test.database, { kind: 'repository', repositoryId: seeded.repositoryId }, BY)],
    ['its run', () => pause(test.database, { kind: 'run', runId: seeded.runId }, BY)],
  ])('waits while %s is paused', async (_what, pauseIt) => {
    const during = worker(take);
    const { process } = during.definition('baseline') as NonNullable<ReturnType<StageWorker['definition']>>;
    await runStage(
      {
        ...during,
        definition: () => ({
          stage: 'baseline',
          timeoutMs: 60_000,
          async process(context) {
            await pauseIt();
            return process(context);
          },
        }),
      },
      { stageRunId: seeded.stageRunId, generation: 1 },
    );
    expect(handed).toEqual([]);
    expect(await announced()).toHaveLength(1);
    expect((await next()).publishedAt).toBeNull();
  });

  it('is announced again where the queue does not take it', async () => {
    await work(() => Promise.reject(new Error('Redis is away')));
    const { id, generation, publishedAt } = await next();
    expect([generation, publishedAt]).toEqual([2, null]);
    expect(await announced()).toEqual([{ stageRunId: id, generation: 2 }]);
  });
});

it('hands over together what comes at the same time for one queue', async () => {
  const groups: [string, number][] = [];
  const handOver = handingOver({ publish: async (queue, messages) => void groups.push([queue, messages.length]) });
  const messages = ['a', 'b', 'c'].map((stageRunId) => ({ queue: 'coder', stageRunId, generation: 1 }) as const);
  await Promise.all([...messages, { queue: 'notifier', stageRunId: 'd', generation: 1 } as const].map(handOver));
  expect(groups).toEqual([
    ['coder', 1],
    ['notifier', 1],
    ['coder', 2],
  ]);
});
