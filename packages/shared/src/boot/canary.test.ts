import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openBullmqTransport } from '../queue/bullmq-transport.ts';
import { createCanary } from './canary.ts';
import { sink } from './logger.ts';

/** A queue in our hands: it takes messages or refuses them, and gives them back or keeps them. */
function queueInHand() {
  const state = { takes: true, givesBack: true, sent: 0 };
  const canary = createCanary({
    workerId: 'w',
    log: sink().log,
    everyMs: 10,
    patienceMs: 200,
    transport: {
      openCanary: async (_name, onArrival) => ({
        async send() {
          if (!state.takes) throw new Error('OOM command not allowed');
          state.sent += 1;
          if (state.givesBack) onArrival();
        },
        close: async () => {},
      }),
    },
  });
  return { state, canary };
}

it('is stuck when the queue takes messages and none comes back, however well it answers', async () => {
  const { state, canary } = queueInHand();
  await canary.start();
  onTestFinished(() => canary.stop());
  await sleep(300);
  expect(canary.stuck?.()).toBeNull();
  state.givesBack = false;
  expect(canary.stuck?.()).toBeNull();
  await vi.waitFor(() => expect(canary.stuck?.()).toContain('no message came back'), 10_000);
  await expect(canary.checks?.queue?.()).resolves.toBeUndefined();
  state.givesBack = true;
  await vi.waitFor(() => expect(canary.stuck?.()).toBeNull(), 10_000);
});

it('is not ready, but not stuck, while the queue takes nothing', async () => {
  const { state, canary } = queueInHand();
  state.takes = false;
  await canary.start();
  onTestFinished(() => canary.stop());
  await sleep(400);
  expect(canary.stuck?.()).toBeNull();
  await expect(canary.checks?.queue?.()).rejects.toThrow('OOM');
});

it('comes back through the Postgres backend, and leaves nothing there', async () => {
  const test = await testDatabase();
  onTestFinished(test.close);
  const { log } = sink();
  const transport = await openBullmqTransport({ redisUrl: undefined, databaseUrl: test.url, log });
  onTestFinished(() => transport.close());
  const canary = createCanary({ transport, log, workerId: 'here-1', everyMs: 100 });
  await canary.start();
  const age = async () => (await canary.samples?.())?.[0]?.value;
  await sleep(1_000);
  await vi.waitFor(async () => expect(await age()).toBeLessThan(0.9), 20_000);
  await canary.stop();
  expect(await test.database.$queryRaw`SELECT count(*)::int AS n FROM bullmq.job`).toEqual([{ n: 0 }]);
});
