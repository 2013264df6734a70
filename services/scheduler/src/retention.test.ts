import { randomUUID } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteOld } from './retention.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

const DAY_MS = 86_400_000;
const agoDays = (days: number) => new Date(Date.now() - days * DAY_MS);

/** A run with everything that a run leaves behind, ended or not so many days ago. */
async function leftBehind(state: string, days: number) {
  const { database: db } = test;
  const { runId, stageRunId } = await seedRun(db);
  const at = agoDays(days);
  await db.run.update({
    where: { id: runId },
    data: { state, endedAt: state === 'coding' ? null : at, createdAt: at },
  });
  await db.stageAttempt.create({ data: { stageRunId, fence: 1n, workerId: 'w', startedAt: at } });
  for (const kind of ['specification', 'change_set', 'verdict', 'publication'])
    await db.artifact.create({ data: { runId, kind, content: {}, createdAt: at } });
  const event = await db.event.create({ data: { runId, type: 'run.started', at } });
  await db.delivery.create({ data: { eventId: event.id, channel: 'discord', state: 'sent' } });
  await db.modelCall.create({
    data: {
      id: randomUUID(),
      runId,
      stageRunId,
      role: 'coder',
      ordinal: 1,
      requestHash: 'h',
      provider: 'p',
      model: 'm',
      request: {},
    },
  });
  return async () => ({
    attempts: await db.stageAttempt.count({ where: { stageRunId } }),
    artifacts: (await db.artifact.findMany({ where: { runId }, orderBy: { kind: 'asc' } })).map((row) => row.kind),
    events: await db.event.count({ where: { runId } }),
    calls: await db.modelCall.count({ where: { runId } }),
    run: await db.run.count({ where: { id: runId } }),
  });
}
const ALL = ['change_set', 'publication', 'specification', 'verdict'];

it('deletes what is old and ended, and keeps what answers for it', async () => {
  const old = await leftBehind('failed', 100);
  const young = await leftBehind('failed', 10);
  const reviewed = await leftBehind('in_review', 100);
  const working = await leftBehind('coding', 100);
  await test.database.worker.create({
    data: { id: 'gone', service: 'coder', version: '1', lastSeen: agoDays(3) },
  });

  expect(await deleteOld(test.database, 0)).toBe(0);
  expect(await test.database.worker.count()).toBe(0);
  expect(await deleteOld(test.database, 30)).toBeGreaterThan(0);

  const kept = { calls: 1, run: 1 };
  expect(await old()).toEqual({ ...kept, attempts: 0, artifacts: ['publication', 'verdict'], events: 0 });
  expect(await young()).toEqual({ ...kept, attempts: 1, artifacts: ALL, events: 1 });
  expect(await reviewed()).toMatchObject({ ...kept, attempts: 1, artifacts: ALL });
  expect(await working()).toMatchObject({ ...kept, attempts: 1, artifacts: ALL });
  expect(await deleteOld(test.database, 30)).toBe(0);
});

it('never touches the ledger', async () => {
  const tables = ['budget', 'budget_phase', 'budget_window', 'budget_window_change', 'budget_entry', 'budget_overrun'];
  const writes = async () =>
    test.database.$queryRaw<{ relname: string; n: bigint }[]>`
      SELECT relname, n_tup_del AS n FROM pg_stat_user_tables WHERE relname = ANY (${tables}) ORDER BY relname`;
  await deleteOld(test.database, 1);
  await test.database.$executeRaw`SELECT pg_stat_force_next_flush()`;
  expect((await writes()).every((row) => row.n === 0n)).toBe(true);
});
