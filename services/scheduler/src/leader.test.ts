import { sink } from '@orchestrator/shared/boot/logger.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createLeader, type Leader } from './leader.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

function leaderAt(url: string, idleMs?: number): Leader {
  const leader = createLeader({ databaseUrl: url, log: sink().log, ...(idleMs ? { idleMs } : {}) });
  onTestFinished(() => leader.stop());
  return leader;
}
const takesOver = (leader: Leader) => vi.waitFor(async () => expect(await leader.leads()).toBe(true), 20_000);

it('is one of several, stays it, and hands over when it stops', async () => {
  const [a, b, c] = [leaderAt(test.url), leaderAt(test.url), leaderAt(test.url)] as const;
  const first = await Promise.all([a, b, c].map((leader) => leader.leads()));
  expect(first.filter(Boolean)).toHaveLength(1);
  for (let i = 0; i < 3; i++) expect(await Promise.all([a, b, c].map((leader) => leader.leads()))).toEqual(first);
  const leading = [a, b, c][first.indexOf(true)] as Leader;
  await leading.stop();
  const others = [a, b, c].filter((leader) => leader !== leading);
  expect((await Promise.all(others.map((leader) => leader.leads()))).filter(Boolean)).toHaveLength(1);
});

it('hands over when the connection is cut, and does not believe in itself any more', async () => {
  const { hostname, port } = new URL(test.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  onTestFinished(() => proxy.close());
  const through = new URL(test.url);
  through.host = `127.0.0.1:${proxy.port}`;
  const cut = leaderAt(through.href);
  const other = leaderAt(test.url);
  expect(await cut.leads()).toBe(true);
  expect(await other.leads()).toBe(false);
  proxy.reset();
  await takesOver(other);
  expect(await cut.leads()).toBe(false);
});

it('hands over when the leader hangs and asks nothing any more', async () => {
  const hanging = leaderAt(test.url, 500);
  const other = leaderAt(test.url);
  expect(await hanging.leads()).toBe(true);
  expect(await other.leads()).toBe(false);
  await takesOver(other);
  expect(await hanging.leads()).toBe(false);
});

it('hands over when the server ends its session', async () => {
  const ended = leaderAt(test.url);
  const other = leaderAt(test.url);
  expect(await ended.leads()).toBe(true);
  await test.database.$executeRaw`
    SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  await takesOver(other);
});
