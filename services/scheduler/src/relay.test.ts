import { randomUUID } from 'node:crypto';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import type { JobPayload } from '@orchestrator/shared/contracts/job.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRelay, publishSome } from './relay.ts';
import { sweep } from './sweeper.ts';

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
beforeEach(async () => {
  await test.database.$executeRaw`TRUNCATE outbox, stage_attempt, stage_run, run, task, repository CASCADE`;
});

/** A transport that only notes what it is given: for order, which a real queue does not show. */
function noting(): Transport & { published: JobPayload[] } {
  const published: JobPayload[] = [];
  return { ...transport, published, publish: async (_queue, messages) => void published.push(...messages) };
}

describe('the relay', () => {
  it('hands a committed stage to the queue without waiting for the poll', async () => {
    const relay = createRelay({ db: test.database, databaseUrl: test.url, transport, log: sink().log });
    await relay.start();
    const seen: string[] = [];
    const consumer = await transport.consume('validator', 1, async (message) => void seen.push(message.stageRunId));
    const { stageRunId } = await seedRun(test.database);
    await vi.waitFor(() => expect(seen).toEqual([stageRunId]), 10_000);
    await relay.stop();
    await consumer.close();
    expect(await test.database.outbox.count({ where: { sentAt: null } })).toBe(0);
  });

  it('lets repositories take turns, each with its most urgent first', async () => {
    const a = await seedRun(test.database, { priority: 1 });
    const a2 = await seedRun(test.database, { repositoryId: a.repositoryId, priority: 9 });
    const a3 = await seedRun(test.database, { repositoryId: a.repositoryId, priority: 5 });
    const b = await seedRun(test.database, { priority: 0 });
    const target = noting();
    await publishSome(test.database, target, 'validator', 2);
    expect(target.published.map((one) => one.stageRunId)).toEqual([a2.stageRunId, b.stageRunId]);
    expect(await publishSome(test.database, target, 'validator', 2)).toBe(0);
    await publishSome(test.database, target, 'validator', 4);
    expect(target.published.map((one) => one.stageRunId).slice(2)).toEqual([a3.stageRunId, a.stageRunId]);
  });

  it('keeps the row when the queue is down', async () => {
    await seedRun(test.database);
    const down: Transport = {
      ...transport,
      publish: async () => {
        throw new AppError('QUEUE_UNAVAILABLE', { reason: 'down' });
      },
    };
    await expect(publishSome(test.database, down, 'validator', 8)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(await test.database.outbox.count({ where: { sentAt: null } })).toBe(1);
  });
});

describe('the sweeper', () => {
  const options = () => ({ db: test.database, transport, log: sink().log, maxCrashes: 2, graceMs: 0 });

  it('counts a crash when a lease runs out, announces the work again, and gives up after too many', async () => {
    const { stageRunId, runId } = await seedRun(test.database);
    const expire = () =>
      test.database
        .$executeRaw`UPDATE stage_run SET state = 'running', lease_owner = 'gone', lease_until = now() - interval '1 second' WHERE id = ${stageRunId}::uuid`;
    await expire();
    expect(await sweep(options())).toMatchObject({ crashed: 1 });
    expect(await test.database.stageRun.findUnique({ where: { id: stageRunId } })).toMatchObject({
      state: 'pending',
      crashCount: 1,
      generation: 2,
    });
    expect(await test.database.outbox.count({ where: { stageRunId, generation: 2 } })).toBe(1);

    await expire();
    await sweep(options());
    expect(await test.database.stageRun.findUnique({ where: { id: stageRunId } })).toMatchObject({ state: 'dead' });
    expect(await test.database.run.findUnique({ where: { id: runId } })).toMatchObject({
      state: 'failed',
      endCode: 'CRASHED',
    });
  });

  it('announces again what the queue has lost, and leaves alone what it still carries', async () => {
    const kept = await seedRun(test.database);
    const lost = await seedRun(test.database);
    await publishSome(test.database, transport, 'validator', 8);
    // The message of one is gone from the backend, as after a wipe.
    await test.database.$executeRaw`DELETE FROM bullmq.job WHERE id LIKE ${`${lost.stageRunId}%`}`;
    expect(await sweep(options())).toMatchObject({ republished: 1 });
    const generations = await test.database.stageRun.findMany({
      where: { id: { in: [kept.stageRunId, lost.stageRunId] } },
      select: { id: true, publishedAt: true },
    });
    expect(generations.find((row) => row.id === kept.stageRunId)?.publishedAt).not.toBeNull();
    expect(generations.find((row) => row.id === lost.stageRunId)?.publishedAt).toBeNull();
  });

  it('ends cancelled runs that nobody works on', async () => {
    const { runId } = await seedRun(test.database);
    await test.database.run.update({ where: { id: runId }, data: { cancelRequestedAt: new Date() } });
    expect(await sweep(options())).toMatchObject({ cancelled: 1 });
    expect(await test.database.run.findUnique({ where: { id: runId } })).toMatchObject({ state: 'cancelled' });
  });

  it('works one at a time', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => seedRun(test.database)));
    await test.database
      .$executeRaw`UPDATE stage_run SET state = 'running', lease_owner = ${randomUUID()}, lease_until = now() - interval '1 second'`;
    const results = await Promise.all([sweep(options()), sweep(options()), sweep(options())]);
    expect(results.reduce((sum, result) => sum + result.crashed, 0)).toBe(ids.length);
    expect(await test.database.stageRun.aggregate({ _max: { crashCount: true } })).toEqual({ _max: { crashCount: 1 } });
  });
});
