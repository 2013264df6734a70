import { join } from 'node:path';
import { openDatabase } from '@orchestrator/shared/db/client.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openScene, type Scene, section } from '../test/scene.ts';
import type { AffordableFor } from './admission/affordable.ts';
import { ensureRepository } from './repository.ts';
import { createTicker, tickName } from './ticker.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const affordableFor: AffordableFor = () => async () => ({ kind: 'AFFORDABLE' });
const until = (check: () => Promise<boolean>) =>
  vi.waitFor(async () => expect(await check()).toBe(true), { timeout: 20_000, interval: 20 });
const ticksOf = (msg: string) => scene.lines.filter((line) => line.msg === msg);

it('ticks at once, then by the cadence of the phase', async () => {
  scene.tasks(section('a') + section('b'), {
    'orchestrator.yaml': 'budget:\n  phases:\n    - { name: only, limit: { total: 5 }, every: 2h }\n',
  });
  const ticker = createTicker({ ...scene, affordableFor, lookEveryMs: 20 });
  await ticker.start();
  await until(async () => ticksOf('tick').length === 1);
  await ticker.stop();
  expect(await scene.db.run.count()).toBe(1);
  const { nextRunAt } = await scene.db.schedule.findUniqueOrThrow({ where: { name: tickName(scene.repository) } });
  const inMs = nextRunAt.getTime() - Date.now();
  expect(inMs).toBeGreaterThan(7_000_000);
  expect(inMs).toBeLessThanOrEqual(7_200_000);
});

it('starts what is due, once, with two schedulers', async () => {
  scene.tasks(section('a') + section('b') + section('c'));
  const tickers = [
    createTicker({ ...scene, affordableFor, lookEveryMs: 20 }),
    createTicker({ ...scene, affordableFor, lookEveryMs: 20 }),
  ];
  await Promise.all(tickers.map((ticker) => ticker.start()));
  await until(async () => ticksOf('tick').length === 1);
  await Promise.all(tickers.map((ticker) => ticker.stop()));
  expect(ticksOf('tick')).toHaveLength(1);
  expect(await scene.db.run.count()).toBe(1);
});

it('parks a repository that cannot be fetched, and goes on with the rest', async () => {
  const gone = await ensureRepository(scene.db, { url: join(scene.folder, 'gone'), name: 'gone' });
  const healthy = createRepository(join(scene.folder, 'healthy'));
  healthy.commit({ 'docs/PLUGIN-TASKS.md': section('h') });
  await ensureRepository(scene.db, { url: healthy.path, name: 'healthy' });
  scene.tasks(section('a'));
  const ticker = createTicker({ ...scene, affordableFor, lookEveryMs: 20 });
  await ticker.start();
  await until(async () => ticksOf('tick').length === 2 && ticksOf('tick failed').length === 1);
  await ticker.stop();
  expect(await scene.db.run.count()).toBe(2);
  expect(ticksOf('tick failed')).toMatchObject([{ repository: 'gone', code: 'REPO_NOT_FOUND', againInMs: 60_000 }]);
  const { nextRunAt } = await scene.db.schedule.findUniqueOrThrow({ where: { name: tickName(gone) } });
  expect(nextRunAt.getTime() - Date.now()).toBeGreaterThan(50_000);
});

it('ticks again within seconds when the database was away for a moment', async () => {
  scene.tasks(section('a'));
  const { hostname, port } = new URL(scene.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const url = new URL(scene.url);
  url.host = `127.0.0.1:${proxy.port}`;
  const db = openDatabase(url.href);
  onTestFinished(async () => {
    await db.$disconnect();
    await proxy.close();
  });
  let ticks = 0;
  const ticker = createTicker({
    ...scene,
    db,
    lookEveryMs: 20,
    affordableFor: () => async () => {
      ticks += 1;
      if (ticks > 1) return { kind: 'AFFORDABLE' };
      const asked = db.$queryRaw`SELECT pg_sleep(30)::text`;
      setTimeout(() => proxy.reset(), 200);
      await asked;
      throw new Error('it answered');
    },
  });
  await ticker.start();
  await until(async () => ticksOf('tick').length === 1);
  await ticker.stop();
  expect(ticksOf('tick broken off')).toMatchObject([{ code: 'DATABASE_UNAVAILABLE' }]);
  expect(ticksOf('tick failed')).toEqual([]);
  expect(await scene.db.run.count()).toBe(1);
});

it('waits longer after each failure, and is itself again after a success', async () => {
  const ticker = createTicker({ ...scene, affordableFor, lookEveryMs: 20 });
  const again = () => scene.db.$executeRaw`UPDATE schedule SET next_run_at = now()`;
  await ticker.start();
  await until(async () => ticksOf('tick failed').length === 1);
  await again();
  await until(async () => ticksOf('tick failed').length === 2);
  scene.tasks(section('a'));
  await again();
  await until(async () => ticksOf('tick').length === 1);
  scene.git.git('rm', '--quiet', '-r', 'docs');
  scene.git.commit({});
  await again();
  await until(async () => ticksOf('tick failed').length === 3);
  await ticker.stop();
  expect(ticksOf('tick failed').map(({ code, againInMs }) => [code, againInMs])).toEqual([
    ['TASKS_NOT_FOUND', 60_000],
    ['TASKS_NOT_FOUND', 120_000],
    ['TASKS_NOT_FOUND', 60_000],
  ]);
});

it('takes up a repository that is added while it runs, and leaves a paused one alone', async () => {
  await scene.db.repository.update({ where: { id: scene.repository.id }, data: { paused: true } });
  const ticker = createTicker({ ...scene, affordableFor, lookEveryMs: 20 });
  await ticker.start();
  const other = createRepository(join(scene.folder, 'other'));
  other.commit({ 'docs/PLUGIN-TASKS.md': section('o') });
  await ensureRepository(scene.db, { url: other.path, name: 'other' });
  await until(async () => ticksOf('tick').length === 1);
  await ticker.stop();
  expect(ticksOf('tick')).toMatchObject([{ repository: 'other' }]);
  expect(await scene.db.schedule.count()).toBe(1);
});

it('asks the ledger: a task starts only while its calls fit the window', async () => {
  scene.tasks(section('a') + section('b') + section('c'), {
    'orchestrator.yaml':
      'pipeline: { tasksPerTick: 10 }\nbudget:\n  phases:\n    - { name: only, limit: { total: 1 } }\n',
  });
  const ticker = createTicker({ ...scene, lookEveryMs: 20 });
  await ticker.start();
  await until(async () => ticksOf('tick').length === 1);
  await ticker.stop();
  const started = await scene.db.run.count();
  expect(started).toBeGreaterThan(0);
  expect(ticksOf('tick')).toMatchObject([{ admitted: started, skipped: 3 - started }]);
  expect(await scene.db.budgetWindow.findFirst({ where: { budgetId: 'global' } })).toMatchObject({
    limitNanoUsd: 1_000_000_000n,
  });
});
