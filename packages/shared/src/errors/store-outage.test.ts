import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { expect, it, onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { prepared } from '../db/prepared.ts';
import { freePort } from '../embedded-postgres/cluster.ts';
import { AppError } from './app-error.ts';
import { databaseOutage } from './store-outage.ts';

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const codeOf = (error: unknown) => databaseOutage(error)?.code;
/** By Prisma's own query, by a raw one, and past its layers. */
const WAYS: readonly ((db: Database) => Promise<unknown>)[] = [
  (db) => db.repository.count(),
  (db) => db.$queryRaw`SELECT 1`,
  (db) => prepared(db, 'one', Prisma.sql`SELECT 1`),
];

async function behindProxy(answerTimeoutMs?: number) {
  const test = await testDatabase();
  const url = new URL(test.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${proxy.port}`;
  const db = openDatabase(url.href, { maxConnections: 1, ...(answerTimeoutMs ? { answerTimeoutMs } : {}) });
  onTestFinished(async () => {
    proxy.reset();
    await db.$disconnect().catch(() => {});
    await proxy.close();
    await test.close();
  });
  return { db, proxy };
}

it('is an outage when nothing listens, by whatever way it is asked', async () => {
  const db = openDatabase(`postgresql://nobody@127.0.0.1:${await freePort()}/none`);
  for (const ask of WAYS) expect(codeOf(await errorOf(ask(db)))).toBe('DATABASE_UNAVAILABLE');
  await db.$disconnect();
});

it('is an outage when the server ends the session', async () => {
  const { db, proxy } = await behindProxy();
  for (const ask of WAYS) {
    await ask(db);
    const asked = errorOf(db.$queryRaw`SELECT pg_sleep(5)::text`);
    setTimeout(() => proxy.reset(), 300);
    expect(codeOf(await asked)).toBe('DATABASE_UNAVAILABLE');
  }
});

it('is an outage when a server that is cut off does not answer, and the next connection works', async () => {
  const { db, proxy } = await behindProxy(1_000);
  for (const ask of WAYS) {
    await ask(db);
    proxy.cut();
    proxy.heal('dead');
    expect(codeOf(await errorOf(ask(db)))).toBe('DATABASE_UNAVAILABLE');
    await ask(db);
  }
});

it('is no outage when the server refuses what was asked', async () => {
  const { db } = await behindProxy();
  expect(databaseOutage(await errorOf(db.$queryRaw`SELECT 1 / 0`))).toBeUndefined();
  await db.repository.create({ data: { url: '/twice', name: 'one' } });
  const twice = await errorOf(db.repository.create({ data: { url: '/twice', name: 'two' } }));
  expect(twice).toBeInstanceOf(Error);
  expect(databaseOutage(twice)).toBeUndefined();
  expect(databaseOutage(new AppError('QUEUE_UNAVAILABLE', { reason: 'x' }))).toBeUndefined();
});
