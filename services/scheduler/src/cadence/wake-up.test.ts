import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { controlClock, type DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ensureRepository, type RepositoryRef } from '../repository.ts';
import { isDue, rememberNextTick, wakeUpAt } from './wake-up.ts';

/** Launch for 10 days, every 30 minutes; then every 3.5 hours. */
const config = OrchestratorConfig.parse({});
const START = '2026-03-02T10:07:00Z';
const MINUTE_MS = 60_000;

let db: Database;
let clock: DatabaseClock;
let repository: RepositoryRef;
beforeEach(async () => {
  const opened = await testDatabase();
  onTestFinished(opened.close);
  db = opened.database;
  clock = await controlClock(db, START);
  await ensureBudget(db, config.budget.phases);
  repository = await ensureRepository(db, { url: '/a/repository', name: 'repository' });
});

const at = (start: string, minutes: number): Date => new Date(new Date(start).getTime() + minutes * MINUTE_MS);

/** Wake-ups every 30 minutes, some minutes late: those that have something to do. */
async function workedAt(from: string, hours: number, lateMinutes: number): Promise<string[]> {
  const worked: string[] = [];
  for (let minutes = lateMinutes; minutes < hours * 60; minutes += 30) {
    const now = at(from, minutes);
    await clock.set(now);
    if (!isDue(await wakeUpAt(db, repository.url), now)) continue;
    worked.push(now.toISOString().slice(11, 16));
    await rememberNextTick(db, repository, config);
  }
  return worked;
}

describe('a cron that fires every 30 minutes', () => {
  it('works each time in the first phase', async () => {
    expect(await workedAt(START, 4, 1)).toHaveLength(8);
  });

  it('works every 3.5 hours in the second', async () => {
    await clock.set('2026-03-20T00:00:00Z');
    expect(await workedAt('2026-03-20T00:00:00Z', 24, 4)).toEqual([
      '00:04',
      '03:34',
      '07:04',
      '10:34',
      '14:04',
      '17:34',
      '21:04',
    ]);
  });

  it('changes over by itself on the day on which the phase does', async () => {
    await clock.set('2026-03-12T08:00:00Z');
    const worked = await workedAt('2026-03-12T08:00:00Z', 7, 7);
    // Until 10:07 each time, then with the phase that begins there, at 10:30 and 14:00.
    expect(worked).toEqual(['08:07', '08:37', '09:07', '09:37', '10:07', '10:37', '14:07']);
  });
});

describe('a wake-up', () => {
  it('has something to do the first time, and up to five minutes early', async () => {
    expect(await wakeUpAt(db, '/not/known')).toBeNull();
    expect(await wakeUpAt(db, repository.url)).toBeNull();
    const now = new Date(START);
    expect(isDue(null, now)).toBe(true);
    expect(isDue(at(START, 5), now)).toBe(true);
    expect(isDue(at(START, 6), now)).toBe(false);
  });

  it('goes on with work that was cut off, not with what waits for money or for a person', async () => {
    await clock.set(new Date());
    await rememberNextTick(db, repository, config);
    const tick = (await wakeUpAt(db, repository.url)) as Date;
    expect(tick.getTime()).toBeGreaterThan(Date.now());

    const { stageRunId } = await seedRun(db, { repositoryId: repository.id });
    expect(isDue(await wakeUpAt(db, repository.url), new Date())).toBe(true);

    const park = (parkedReason: string, availableAt: Date) =>
      db.stageRun.update({ where: { id: stageRunId }, data: { parkedReason, availableAt } });
    await park('budget', at(tick.toISOString(), 60));
    expect(await wakeUpAt(db, repository.url)).toEqual(tick);
    await park('budget', new Date(tick.getTime() - MINUTE_MS));
    expect(await wakeUpAt(db, repository.url)).toEqual(new Date(tick.getTime() - MINUTE_MS));
    await park('configuration', new Date());
    expect(await wakeUpAt(db, repository.url)).toEqual(tick);
  });
});
