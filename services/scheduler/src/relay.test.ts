import { sink } from '@orchestrator/shared/boot/logger.ts';
import type { JobPayload } from '@orchestrator/shared/contracts/job.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { pause, resume, type Scope } from '@orchestrator/shared/pipeline/control/pause.ts';
import { setPriority } from '@orchestrator/shared/pipeline/control/priority.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { publishDue } from './relay/publish-due.ts';
import { createRelay } from './relay.ts';

const BY = { actor: 'test' };
let test: TestDatabase;
let transport: Transport;
let clients: pg.Client[];
beforeAll(async () => {
  test = await testDatabase();
  transport = await openBullmqTransport({ redisUrl: undefined, databaseUrl: test.url, log: sink().log });
  clients = [1, 2].map(() => new pg.Client({ connectionString: test.url }));
  await Promise.all(clients.map((client) => client.connect()));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await transport.close();
  await test.close();
});
beforeEach(async () => {
  await test.database.$executeRaw`TRUNCATE outbox, stage_attempt, stage_run, run, task, repository, worker CASCADE`;
  await test.database.$executeRaw`UPDATE queue_control SET paused = false, turn = 0`;
});

/** A transport that only notes what it is given: for order, which a real queue does not show. */
function noting(): Transport & { published: JobPayload[] } {
  const published: JobPayload[] = [];
  return { ...transport, published, publish: async (_queue, messages) => void published.push(...messages) };
}
const publish = (target: Transport, window?: number) => publishDue(clients[0] as pg.Client, target, window);
const idsOf = (messages: readonly JobPayload[]) => messages.map((message) => message.stageRunId);
const unsent = () => test.database.outbox.count();
/** A worker has taken and finished what was published. */
const finish = () => test.database.$executeRaw`UPDATE stage_run SET state = 'succeeded' WHERE published_at IS NOT NULL`;

async function seedMany(count: number, options: Parameters<typeof seedRun>[1] = {}) {
  const first = await seedRun(test.database, options);
  const rest = [];
  for (let i = 1; i < count; i++)
    rest.push(await seedRun(test.database, { ...options, repositoryId: first.repositoryId }));
  return [first, ...rest];
}

describe('the relay', () => {
  it('hands a committed stage to the queue without waiting for the poll', async () => {
    const relay = createRelay({ databaseUrl: test.url, transport, log: sink().log });
    await relay.start();
    const seen: string[] = [];
    const consumer = await transport.consume('validator', 1, async (message) => void seen.push(message.stageRunId));
    const { stageRunId } = await seedRun(test.database);
    await vi.waitFor(() => expect(seen).toEqual([stageRunId]), 10_000);
    await relay.stop();
    await consumer.close();
    expect(await unsent()).toBe(0);
  });

  it('takes the more urgent of a repository first, and the older of equals', async () => {
    const repositoryId = (await seedRun(test.database, { priority: 1 })).repositoryId;
    const high = await seedRun(test.database, { repositoryId, priority: 2 });
    const low = await seedRun(test.database, { repositoryId, priority: 0 });
    const second = await seedRun(test.database, { repositoryId, priority: 1 });
    const target = noting();
    await publish(target, 10);
    const order = idsOf(target.published);
    expect(order[0]).toBe(high.stageRunId);
    expect(order.indexOf(second.stageRunId)).toBe(2);
    expect(order.at(-1)).toBe(low.stageRunId);
  });

  it('lets nothing wait for ever behind what is more urgent', async () => {
    const old = await seedRun(test.database, { priority: 0, createdAgoMs: 61 * 60_000 });
    const high = await seedRun(test.database, { repositoryId: old.repositoryId, priority: 2 });
    const target = noting();
    await publish(target, 1);
    expect(idsOf(target.published)).toEqual([old.stageRunId]);
    await finish();
    await publish(target, 1);
    expect(idsOf(target.published)).toEqual([old.stageRunId, high.stageRunId]);
  });

  it('lets repositories take turns even where one place at a time becomes free', async () => {
    const many = await seedMany(6, { priority: 2 });
    const few = await seedMany(3, { priority: 0 });
    const target = noting();
    for (let i = 0; i < 6; i++) {
      await publish(target, 1);
      await finish();
    }
    const ofMany = new Set(many.map((run) => run.stageRunId));
    const turns = idsOf(target.published).map((id) => (ofMany.has(id) ? 'many' : 'few'));
    expect(turns.filter((turn) => turn === 'few')).toHaveLength(3);
    expect(turns).toEqual(['many', 'few', 'many', 'few', 'many', 'few']);
    expect(new Set(idsOf(target.published))).toEqual(
      new Set([...many.slice(0, 3), ...few].map((run) => run.stageRunId)),
    );
  });

  it('gives a repository that comes late its turn, and no more than its turn', async () => {
    await seedMany(8);
    const target = noting();
    for (let i = 0; i < 4; i++) {
      await publish(target, 1);
      await finish();
    }
    const late = new Set((await seedMany(4)).map((run) => run.stageRunId));
    target.published.length = 0;
    for (let i = 0; i < 4; i++) {
      await publish(target, 1);
      await finish();
    }
    expect(idsOf(target.published).filter((id) => late.has(id))).toHaveLength(2);
  });

  it('publishes twice what the consumers take at once, running work included, and goes on as it ends', async () => {
    await test.database.worker.create({
      data: { id: 'a', service: 'validator', version: '1', queues: ['validator'], concurrency: 3 },
    });
    await test.database.worker.create({
      data: { id: 'b', service: 'validator', version: '1', queues: ['validator'], concurrency: 3, draining: true },
    });
    await seedMany(10);
    const target = noting();
    expect(await publish(target)).toBe(6);
    await test.database
      .$executeRaw`UPDATE stage_run SET state = 'running', lease_owner = 'a', lease_until = now() + interval '1 minute' WHERE id = ${target.published[0]?.stageRunId}::uuid`;
    expect(await publish(target)).toBe(0);
    await finish();
    expect(await publish(target)).toBe(4);
    expect(await unsent()).toBe(0);
  });

  it('keeps everything as it was when the queue is down', async () => {
    const { stageRunId } = await seedRun(test.database);
    const down: Transport = {
      ...transport,
      publish: async () => {
        throw new AppError('QUEUE_UNAVAILABLE', { reason: 'down' });
      },
    };
    await expect(publish(down)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await clients[0]?.query('ROLLBACK');
    expect(await unsent()).toBe(1);
    expect(await test.database.stageRun.findUnique({ where: { id: stageRunId } })).toMatchObject({ publishedAt: null });
    const target = noting();
    await publish(target);
    expect(idsOf(target.published)).toEqual([stageRunId]);
  });

  it('publishes each message once and within the window where several relays are at work', async () => {
    await seedMany(30);
    const target = noting();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = new pg.Client({ connectionString: test.url });
        await client.connect();
        for (let round = 0; round < 3; round++) await publishDue(client, target, 10);
        await client.end();
      }),
    );
    expect(target.published).toHaveLength(10);
    expect(new Set(idsOf(target.published)).size).toBe(10);
  });

  it('passes over what was taken, ended or announced anew since it was written', async () => {
    const { stageRunId } = await seedRun(test.database);
    await test.database.stageRun.update({ where: { id: stageRunId }, data: { generation: 2 } });
    const target = noting();
    await publish(target);
    expect(target.published).toEqual([]);
  });

  it('goes by a priority that was changed while the stage waited', async () => {
    const first = await seedRun(test.database, { priority: 1 });
    const second = await seedRun(test.database, { repositoryId: first.repositoryId, priority: 1 });
    expect(await setPriority(test.database, second.runId, 2, BY)).toBe(true);
    const target = noting();
    await publish(target, 1);
    expect(idsOf(target.published)).toEqual([second.stageRunId]);
  });
});

describe('what is paused', () => {
  const scopes: readonly [string, (seeded: Awaited<ReturnType<typeof seedRun>>) => Scope][] = [
    ['everything', () => ({ kind: 'system' })],
    ['its queue', () => ({ kind: 'queue', queue: 'validator' })],
    ['its repository', ({ repositoryId }) => ({ kind: 'repository', repositoryId })],
    ['the run', ({ runId }) => ({ kind: 'run', runId })],
  ];

  it.each(scopes)('is not published: %s; and is at once when it is resumed', async (_name, scopeOf) => {
    const seeded = await seedRun(test.database);
    const scope = scopeOf(seeded);
    expect(await pause(test.database, scope, BY)).toBe(true);
    expect(await pause(test.database, scope, BY)).toBe(false);
    const target = noting();
    await publish(target);
    expect(target.published).toEqual([]);
    expect(await resume(test.database, scope, BY)).toBe(0);
    expect(await resume(test.database, scope, BY)).toBeNull();
    await publish(target);
    expect(idsOf(target.published)).toEqual([seeded.stageRunId]);
  });

  it.each(scopes)('is announced again if it was published before: %s', async (_name, scopeOf) => {
    const seeded = await seedRun(test.database);
    const target = noting();
    await publish(target);
    await pause(test.database, scopeOf(seeded), BY);
    // A worker drops the message, because the claim refuses it.
    expect(await resume(test.database, scopeOf(seeded), BY)).toBe(1);
    await publish(target);
    expect(target.published.map((message) => message.generation)).toEqual([1, 2]);
  });
});
