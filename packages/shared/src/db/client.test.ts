import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase } from './client.ts';

it('outlives the end of its sessions, at whatever moment that comes', async () => {
  const test = await testDatabase();
  onTestFinished(test.close);
  const database = openDatabase(`${test.url}?application_name=interrupted`);
  onTestFinished(() => database.$disconnect());
  let working = true;
  const ended = (async () => {
    let count = 0;
    while (working)
      count += await test.database.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'interrupted'`;
    return count;
  })();

  for (let round = 0; round < 15; round++)
    await Promise.allSettled(Array.from({ length: 5 }, () => database.$transaction(async (tx) => tx.setting.count())));
  working = false;

  expect(await ended).toBeGreaterThan(0);
  // A connection that was ended last may still be found once.
  await vi.waitFor(async () => expect(await database.setting.count()).toBe(0), 10_000);
});

it('gives up a connection on which nothing passes any more, also inside a transaction', async () => {
  const test = await testDatabase();
  onTestFinished(test.close);
  const through = new URL(test.url);
  const proxy = await startTcpProxy({ host: through.hostname, port: Number(through.port) });
  onTestFinished(() => proxy.close());
  through.host = `127.0.0.1:${proxy.port}`;
  const database = openDatabase(through.href, { maxConnections: 2, answerTimeoutMs: 500 });
  onTestFinished(() => database.$disconnect());
  // Two connections, both idle in the pool.
  await Promise.all([database.$executeRaw`SELECT pg_sleep(0.1)`, database.$executeRaw`SELECT pg_sleep(0.1)`]);

  proxy.cut();
  proxy.heal('dead');
  await expect(database.$transaction(async (tx) => tx.setting.count())).rejects.toThrow();
  await expect(database.setting.count()).rejects.toThrow();

  expect(await database.$transaction(async (tx) => tx.setting.count())).toBe(0);
  expect(await database.setting.count()).toBe(0);
});
