import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claim } from '../claim.ts';
import { cancelRun } from './cancel.ts';
import { pause, resume } from './pause.ts';
import { setPriority } from './priority.ts';
import { readQueues } from './queues.ts';
import { deadStages, replay } from './replay.ts';
import { retryNow } from './retry-now.ts';

const BY = { actor: 'test', reason: 'because' };
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const stageRun = (id: string) => test.database.stageRun.findUniqueOrThrow({ where: { id } });
const run = (id: string) => test.database.run.findUniqueOrThrow({ where: { id } });
const lastRecord = () => test.database.intervention.findFirst({ orderBy: { id: 'desc' } });

async function dead(options: Parameters<typeof seedRun>[1] & { state?: 'dead' | 'failed'; code?: string } = {}) {
  const seeded = await seedRun(test.database, options);
  await test.database.stageRun.update({
    where: { id: seeded.stageRunId },
    data: { state: options.state ?? 'dead', errorCount: 5, crashCount: 2, endedAt: new Date() },
  });
  await test.database.run.update({
    where: { id: seeded.runId },
    data: { state: 'failed', endCode: options.code ?? 'ERRORS_EXHAUSTED', endedAt: new Date() },
  });
  return seeded;
}

describe('replay', () => {
  it('starts a dead stage where it died, with fresh counters, once, and on record', async () => {
    const seeded = await dead({ stage: 'validate' });
    const filter = { stageRunIds: [seeded.stageRunId] };
    const { replayed, refused } = await replay(test.database, filter, BY);
    expect(replayed).toMatchObject([{ stage: 'validate', errors: 5, code: 'ERRORS_EXHAUSTED' }]);
    expect(refused).toEqual([]);
    expect(await stageRun(seeded.stageRunId)).toMatchObject({
      state: 'pending',
      generation: 2,
      errorCount: 0,
      crashCount: 0,
    });
    expect(await run(seeded.runId)).toMatchObject({ state: 'validating', endedAt: null, endCode: null });
    expect(await test.database.outbox.count({ where: { stageRunId: seeded.stageRunId, generation: 2 } })).toBe(1);
    expect(await lastRecord()).toMatchObject({ action: 'replay', actor: 'test', reason: 'because', affected: 1 });
    expect((await claim(test.database, seeded.stageRunId, 'w'))?.stage).toBe('validate');
    expect(await replay(test.database, filter, BY)).toEqual({ replayed: [], refused: [] });
  });

  it('takes those that fit a filter', async () => {
    const { repositoryId } = await dead({ stage: 'code', code: 'MODEL_UNAVAILABLE' });
    await dead({ repositoryId, stage: 'validate', code: 'CRASHED' });
    await dead({ repositoryId, stage: 'code', code: 'NO_COMMANDS', state: 'failed' });
    const keys = async (filter: object) => (await deadStages(test.database, { repositoryId, ...filter })).length;
    expect(await keys({})).toBe(2);
    expect(await keys({ stage: 'code' })).toBe(1);
    expect(await keys({ code: 'CRASHED' })).toBe(1);
    expect(await keys({ sinceMs: 60_000 })).toBe(2);
    expect(await keys({ states: ['dead', 'failed'] })).toBe(3);
    await test.database.stageRun.updateMany({ data: { endedAt: new Date(Date.now() - 3_600_000) } });
    expect(await keys({ sinceMs: 60_000 })).toBe(0);
    expect((await replay(test.database, { repositoryId, code: 'CRASHED' }, BY)).replayed).toHaveLength(1);
    expect(await keys({})).toBe(1);
  });

  it('leaves a run alone whose task says something else by now, or has a later run', async () => {
    const outdated = await dead();
    await test.database.task.update({ where: { id: outdated.taskId }, data: { revision: 2 } });
    const superseded = await dead();
    await test.database.run.create({
      data: { taskId: superseded.taskId, taskRevision: 1, number: 2, state: 'coding', baseCommit: 'b' },
    });
    const ids = [outdated.stageRunId, superseded.stageRunId];
    const { replayed, refused } = await replay(test.database, { stageRunIds: ids }, BY);
    expect(replayed).toEqual([]);
    expect(new Map(refused.map(({ stageRunId, why }) => [stageRunId, why]))).toEqual(
      new Map([
        [outdated.stageRunId, 'outdated'],
        [superseded.stageRunId, 'superseded'],
      ]),
    );
    expect((await run(superseded.runId)).state).toBe('failed');
  });

  it('replays once where two people ask at the same moment', async () => {
    const { stageRunId } = await dead();
    const results = await Promise.all([1, 2, 3].map(() => replay(test.database, { stageRunIds: [stageRunId] }, BY)));
    expect(results.flatMap(({ replayed }) => replayed)).toHaveLength(1);
    expect(await stageRun(stageRunId)).toMatchObject({ state: 'pending', generation: 2 });
  });
});

describe('what waits', () => {
  const park = (seeded: SeededRun, reason: string) =>
    test.database.stageRun.update({
      where: { id: seeded.stageRunId },
      data: { availableAt: new Date(Date.now() + 3_600_000), parkedReason: reason },
    });

  it('looks again at once when it is retried', async () => {
    const seeded = await seedRun(test.database);
    const other = await seedRun(test.database);
    await park(seeded, 'retry');
    await park(other, 'budget');
    expect(await claim(test.database, seeded.stageRunId, 'w')).toBeNull();
    expect(await retryNow(test.database, { parkedReason: ['retry'] }, BY)).toBe(1);
    expect(await claim(test.database, seeded.stageRunId, 'w')).not.toBeNull();
    expect(await claim(test.database, other.stageRunId, 'w')).toBeNull();
    expect(await lastRecord()).toMatchObject({ action: 'retry', affected: 1 });
  });

  it('can be given another priority until it ends', async () => {
    const seeded = await seedRun(test.database, { priority: 1 });
    expect(await setPriority(test.database, seeded.runId, 2, BY)).toBe(true);
    expect((await run(seeded.runId)).priority).toBe(2);
    await test.database.run.update({ where: { id: seeded.runId }, data: { state: 'merged' } });
    expect(await setPriority(test.database, seeded.runId, 0, BY)).toBe(false);
  });

  it('is asked to stop once', async () => {
    const seeded = await seedRun(test.database);
    expect(await cancelRun(test.database, seeded.runId, BY)).toBe(true);
    expect(await cancelRun(test.database, seeded.runId, BY)).toBe(false);
    expect(await claim(test.database, seeded.stageRunId, 'w')).toBeNull();
    expect(await lastRecord()).toMatchObject({ action: 'cancel', subject: { runId: seeded.runId } });
  });

  it('cannot be claimed under any pause that holds it, and goes on only when all are gone', async () => {
    const seeded = await seedRun(test.database, { stage: 'code' });
    const scopes = [
      { kind: 'system' },
      { kind: 'queue', queue: 'coder' },
      { kind: 'repository', repositoryId: seeded.repositoryId },
      { kind: 'run', runId: seeded.runId },
    ] as const;
    for (const scope of scopes) await pause(test.database, scope, BY);
    for (const scope of scopes) {
      expect(await claim(test.database, seeded.stageRunId, 'w')).toBeNull();
      await resume(test.database, scope, BY);
    }
    expect(await claim(test.database, seeded.stageRunId, 'w')).not.toBeNull();
  });

  it('is shown by queue, with who works there', async () => {
    await test.database.$executeRaw`TRUNCATE run, stage_run, outbox CASCADE`;
    await test.database.worker.create({
      data: { id: 'w1', service: 'coder', version: '1', queues: ['coder'], concurrency: 2 },
    });
    await test.database.worker.create({
      data: { id: 'w2', service: 'coder', version: '1', queues: ['coder'], concurrency: 2, lastSeen: new Date(0) },
    });
    await seedRun(test.database, { stage: 'code' });
    await dead({ stage: 'validate' });
    await pause(test.database, { kind: 'queue', queue: 'notifier' }, BY);
    const queues = new Map((await readQueues(test.database)).map((row) => [row.queue, row]));
    expect(queues.get('coder')).toMatchObject({ ready: 1, running: 0, dead: 0, workers: 1, slots: 2, paused: false });
    expect(queues.get('validator')).toMatchObject({ ready: 0, dead: 1, workers: 0, slots: 0 });
    expect(queues.get('notifier')).toMatchObject({ paused: true });
    await resume(test.database, { kind: 'queue', queue: 'notifier' }, BY);
  });
});
