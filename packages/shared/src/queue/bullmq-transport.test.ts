import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { redisInstalled, startRedisServer } from '@orchestrator/testkit/redis-server.ts';
import { type PostgresContainer, startPostgresContainer } from '@orchestrator/testkit/stores/postgres.ts';
import { startRedis, type TestRedis } from '@orchestrator/testkit/stores/redis.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sink } from '../boot/logger.ts';
import type { JobPayload } from '../contracts/job.ts';
import { migrate } from '../db/migrate.ts';
import { freePort } from '../embedded-postgres/cluster.ts';
import { openBullmqTransport } from './bullmq-transport.ts';
import type { Transport } from './transport.ts';

interface Backend {
  open(): Promise<Transport>;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Backend> {
  const test = await testDatabase();
  return {
    open: () => openBullmqTransport({ redisUrl: undefined, databaseUrl: test.url, log: sink().log }),
    close: () => test.close(),
  };
}

async function onContainer(): Promise<Backend> {
  const server = postgres as PostgresContainer;
  const databaseUrl = await server.url('queues');
  await migrate(databaseUrl);
  return {
    open: () => openBullmqTransport({ redisUrl: undefined, databaseUrl, log: sink().log }),
    close: () => server.close(),
  };
}

async function onRedis(): Promise<Backend> {
  const server = redis as TestRedis;
  return {
    open: () => openBullmqTransport({ redisUrl: server.url, databaseUrl: 'postgresql://unused', log: sink().log }),
    close: () => server.close(),
  };
}

const message = (): JobPayload => ({ stageRunId: randomUUID(), generation: 1 });

function transportContract(name: string, start: () => Promise<Backend>): void {
  describe(`transport on ${name}`, () => {
    let backend: Backend;
    let transport: Transport;
    beforeAll(async () => {
      backend = await start();
      transport = await backend.open();
    });
    afterAll(async () => {
      await transport.close();
      await backend.close();
    });

    it('brings every published message to a consumer, and carries it no longer', async () => {
      const messages = [message(), message(), message()];
      await transport.publish('coder', messages);
      const never = message();
      expect(await transport.missing('coder', [...messages, never])).toEqual([never]);

      const seen: JobPayload[] = [];
      const consumer = await transport.consume('coder', 2, async (one) => {
        seen.push(one);
      });
      await vi.waitFor(() => expect(seen).toHaveLength(3), 10_000);
      await consumer.close();
      expect(seen.map((one) => one.stageRunId).sort()).toEqual(messages.map((one) => one.stageRunId).sort());
      expect(await transport.missing('coder', messages)).toEqual(messages);
    });

    it('wakes a consumer that waits already', async () => {
      const seen: JobPayload[] = [];
      const consumer = await transport.consume('analyzer', 1, async (one) => {
        seen.push(one);
      });
      const sent = message();
      await transport.publish('analyzer', [sent]);
      await vi.waitFor(() => expect(seen).toEqual([sent]), 10_000);
      await consumer.close();
    });

    it('tells by its mark whether it was wiped', async () => {
      const epoch = `epoch-${randomUUID()}`;
      expect(await transport.hasMark(epoch)).toBe(false);
      await transport.setMark(epoch);
      expect(await transport.hasMark(epoch)).toBe(true);
    });

    it('takes no more after a pause, and closes when the work in progress is done', async () => {
      let finish: () => void = () => {};
      let started = 0;
      const consumer = await transport.consume('notifier', 1, async () => {
        started += 1;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
      await transport.publish('notifier', [message(), message()]);
      await vi.waitFor(() => expect(started).toBe(1), 10_000);
      await consumer.pause();
      const closing = consumer.close();
      finish();
      await closing;
      expect(started).toBe(1);
    });
  });
}

transportContract('Postgres', onPostgres);

const container = await startPostgresContainer();
const postgres = 'reason' in container ? null : container;
if (postgres) transportContract(`Postgres (${postgres.kind})`, onContainer);
else if ('reason' in container) process.stderr.write(`only the embedded Postgres is tested: ${container.reason}\n`);

const redis = await startRedis();
if (redis) transportContract(`Redis (${redis.kind})`, onRedis);
else
  describe.skip('transport on Redis: there is none', () => {
    it('needs a Docker engine or redis-server', () => {});
  });

describe('a queue backend that is not there', () => {
  it('is named at once', async () => {
    const opening = openBullmqTransport({
      redisUrl: `redis://127.0.0.1:${await freePort()}`,
      databaseUrl: '',
      log: sink().log,
    });
    await expect(opening).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  });

  it.skipIf(!redisInstalled())('holds up nobody who uses a queue for the first time after it went away', async () => {
    const redis = await startRedisServer();
    onTestFinished(redis.close);
    const transport = await openBullmqTransport({ redisUrl: redis.url, databaseUrl: '', log: sink().log });
    onTestFinished(() => transport.close());
    await redis.stop();
    // The client has noticed, and tries to connect again.
    await sleep(1_000);
    await expect(transport.hasMark('none')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(transport.publish('coder', [message()])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  });

  it.skipIf(!redisInstalled())(
    'is told of once in an outage, however many queues there are, and when it is over',
    async () => {
      const redis = await startRedisServer();
      onTestFinished(redis.close);
      const { log, lines } = sink();
      const transport = await openBullmqTransport({ redisUrl: redis.url, databaseUrl: '', log });
      onTestFinished(() => transport.close());
      for (const queue of ['analyzer', 'coder', 'validator', 'notifier'] as const)
        await transport.consume(queue, 1, async () => {});
      const told = (level: string) => lines.filter((line) => line.level === level).map((line) => line.msg);
      for (let outage = 1; outage <= 2; outage++) {
        await redis.stop();
        await vi.waitFor(() => expect(told('warn')).toHaveLength(outage), 10_000);
        // Time for every connection to fail a few times more.
        await sleep(2_000);
        expect(told('warn')).toHaveLength(outage);
        await redis.start();
        await vi.waitFor(() => expect(told('info')).toHaveLength(outage), 10_000);
      }
      expect(told('warn')[0]).toContain('cannot be reached');
      expect(told('info')[0]).toContain('can be reached again');
    },
  );

  it.skipIf(!redisInstalled())('is no unknown error for who begins to consume just then', async () => {
    const redis = await startRedisServer();
    onTestFinished(redis.close);
    const transport = await openBullmqTransport({ redisUrl: redis.url, databaseUrl: '', log: sink().log });
    onTestFinished(() => transport.close());
    await redis.stop();
    await sleep(500);
    const code = (error: unknown) => (error as { code?: unknown }).code;
    const end = await Promise.race([
      transport.consume('coder', 1, async () => {}).then(() => 'ready', code),
      transport.openCanary('canary', () => {}).then(() => 'ready', code),
      sleep(3_000, 'waits'),
    ]);
    expect(['QUEUE_UNAVAILABLE', 'waits']).toContain(end);
  });
});
