import { randomUUID } from 'node:crypto';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { pause } from '@orchestrator/shared/pipeline/control/pause.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publishDue } from './relay/publish-due.ts';
import { type SweeperOptions, sweep } from './sweeper.ts';

let test: TestDatabase;
let transport: Transport;
let client: pg.Client;
beforeAll(async () => {
  test = await testDatabase({ maxConnections: 10 });
  transport = await openBullmqTransport({ redisUrl: undefined, databaseUrl: test.url, log: sink().log });
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await transport.close();
  await test.close();
});
beforeEach(async () => {
  await test.database.$executeRaw`TRUNCATE outbox, stage_attempt, stage_run, run, task, repository CASCADE`;
  await test.database.$executeRaw`UPDATE queue_control SET paused = false`;
  await sweep(options());
});

const options = (): SweeperOptions => ({
  db: test.database,
  transport,
  log: sink().log,
  maxCrashes: 2,
  graceMs: 0,
});
const stageRun = (id: string) => test.database.stageRun.findUniqueOrThrow({ where: { id } });
const wipe = () => test.database.$executeRaw`DELETE FROM bullmq.job`;

describe('the sweeper', () => {
  it('counts a crash when a lease runs out, announces the work again, and gives up after too many', async () => {
    const { stageRunId, runId } = await seedRun(test.database);
    const expire = () =>
      test.database
        .$executeRaw`UPDATE stage_run SET state = 'running', lease_owner = 'gone', lease_until = now() - interval '1 second' WHERE id = ${stageRunId}::uuid`;
    await expire();
    expect(await sweep(options())).toMatchObject({ crashed: 1 });
    expect(await stageRun(stageRunId)).toMatchObject({ state: 'pending', crashCount: 1, errorCount: 0, generation: 2 });
    expect(await test.database.outbox.count({ where: { stageRunId, generation: 2 } })).toBe(1);

    await expire();
    await sweep(options());
    expect(await stageRun(stageRunId)).toMatchObject({ state: 'dead' });
    expect(await test.database.run.findUnique({ where: { id: runId } })).toMatchObject({
      state: 'failed',
      endCode: 'CRASHED',
    });
  });

  it('announces again what the queue has lost, and leaves alone what it still carries or what is paused', async () => {
    const kept = await seedRun(test.database);
    const lost = await seedRun(test.database);
    const paused = await seedRun(test.database);
    await publishDue(client, transport);
    // The messages of two are gone from the backend.
    for (const { stageRunId } of [lost, paused])
      await test.database.$executeRaw`DELETE FROM bullmq.job WHERE id LIKE ${`${stageRunId}%`}`;
    await pause(test.database, { kind: 'run', runId: paused.runId }, { actor: 'test' });
    expect(await sweep(options())).toMatchObject({ republished: 1, afterWipe: 0 });
    expect((await stageRun(kept.stageRunId)).publishedAt).not.toBeNull();
    expect((await stageRun(paused.stageRunId)).publishedAt).not.toBeNull();
    expect((await stageRun(lost.stageRunId)).publishedAt).toBeNull();
  });

  it('announces everything again as soon as the queue was wiped, and only once', async () => {
    const seeded = await Promise.all(Array.from({ length: 3 }, () => seedRun(test.database)));
    await publishDue(client, transport);
    await wipe();
    // Long before a lost message would be looked for.
    const unhurried = { ...options(), graceMs: 3_600_000 };
    expect(await sweep(unhurried)).toMatchObject({ afterWipe: 3, republished: 0 });
    expect(await sweep(unhurried)).toMatchObject({ afterWipe: 0 });
    expect(await publishDue(client, transport)).toBe(3);
    const messages = seeded.map(({ stageRunId }) => ({ stageRunId, generation: 2 }));
    expect(await transport.missing('validator', messages)).toEqual([]);
  });

  it('leaves work in progress alone when the queue was wiped', async () => {
    const { stageRunId } = await seedRun(test.database);
    await publishDue(client, transport);
    await test.database
      .$executeRaw`UPDATE stage_run SET state = 'running', fence = 1, lease_owner = 'a', lease_until = now() + interval '1 minute' WHERE id = ${stageRunId}::uuid`;
    await wipe();
    expect(await sweep(options())).toMatchObject({ afterWipe: 0, crashed: 0 });
    expect(await stageRun(stageRunId)).toMatchObject({ state: 'running', fence: 1n, generation: 1 });
  });

  it('ends cancelled runs that nobody works on', async () => {
    const { runId } = await seedRun(test.database);
    await test.database.run.update({ where: { id: runId }, data: { cancelRequestedAt: new Date() } });
    expect(await sweep(options())).toMatchObject({ cancelled: 1 });
    expect(await test.database.run.findUnique({ where: { id: runId } })).toMatchObject({ state: 'cancelled' });
    await sweep(options());
    expect(await test.database.outbox.count()).toBe(0);
  });

  it('does the same if several sweep at once', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => seedRun(test.database)));
    await test.database
      .$executeRaw`UPDATE stage_run SET state = 'running', lease_owner = ${randomUUID()}, lease_until = now() - interval '1 second'`;
    const results = await Promise.all([sweep(options()), sweep(options()), sweep(options())]);
    expect(results.reduce((sum, result) => sum + result.crashed, 0)).toBe(ids.length);
    expect(await test.database.stageRun.aggregate({ _max: { crashCount: true } })).toEqual({ _max: { crashCount: 1 } });
  });
});
