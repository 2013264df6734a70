import { controlClock, type DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Phase } from '../config/schema.ts';
import { openDatabase } from '../db/client.ts';
import { audit } from './audit.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const DAY_MS = 86_400_000;
const PHASES = [
  { name: 'launch', limit: { total: '30' }, days: 10, every: '30m' },
  { name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' },
].map((phase) => Phase.parse(phase));

/** Instants around which calendars of the world do odd things. */
const STARTS = ['2026-03-06T23:30:00Z', '2026-10-23T12:00:00Z', '2027-12-29T00:00:00Z', '2028-02-26T18:45:00Z'];

describe('the time of the budget', () => {
  let test: TestDatabase;
  afterEach(async () => {
    vi.useRealTimers();
    await test.close();
  });

  /** Windows and denials of a fixed sequence of reservations through thirteen days. */
  async function decisions(
    start: string,
    session: { timeZone?: string; localClockOffMs?: number } = {},
  ): Promise<string[]> {
    test = await testDatabase();
    if (session.timeZone)
      await test.database.$executeRawUnsafe(
        `ALTER DATABASE "${new URL(test.url).pathname.slice(1)}" SET timezone = '${session.timeZone}'`,
      );
    // A new pool: the setting holds for sessions that begin after it.
    const db = openDatabase(test.url);
    const clock: DatabaseClock = await controlClock(db, start);
    if (session.localClockOffMs)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(start) + session.localClockOffMs });
    const ledger = new Ledger(db);
    await ensureBudget(db, PHASES);
    const answers: string[] = [];
    for (let hour = 0; hour < 13 * 24; hour += 13) {
      await clock.set(new Date(Date.parse(start) + hour * 3_600_000));
      const reserved = await ledger
        .reserve({ attemptId: newAttemptId(), budgetIds: ['global'], amountNanoUsd: 230_000_000n, deadlineMs: 300_000 })
        .then(
          () => 'held',
          (error: { kind: string; until: Date | null }) => `${error.kind} ${error.until?.toISOString()}`,
        );
      answers.push(`${hour} h ${reserved}`);
    }
    const windows = await db.budgetWindow.findMany({ orderBy: { startsAt: 'asc' } });
    await db.$disconnect();
    return [
      ...answers,
      ...windows.map((w) => `${w.startsAt.toISOString()} ${w.endsAt?.toISOString()} ${w.reservedNanoUsd}`),
    ];
  }

  it.each(STARTS)(
    'is the same in every time zone of the server, through daylight saving, leap days and New Year, from %s',
    async (start) => {
      const expected = await decisions(start);
      await test.close();
      expect(expected.filter((answer) => answer.startsWith('2')).length).toBeGreaterThan(3);
      for (const timeZone of ['America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu']) {
        expect(await decisions(start, { timeZone }), timeZone).toEqual(expected);
        if (timeZone !== 'Asia/Kathmandu') await test.close();
      }
    },
  );

  it('does not come from the clocks of the workers, be they a day early or late', async () => {
    const start = STARTS[0] as string;
    const expected = await decisions(start);
    for (const localClockOffMs of [-DAY_MS, DAY_MS]) {
      await test.close();
      expect(await decisions(start, { localClockOffMs })).toEqual(expected);
      vi.useRealTimers();
    }
  });

  it('is tiled exactly by the windows of four hundred days', async () => {
    test = await testDatabase();
    const start = Date.parse('2027-06-01T08:17:23.456Z');
    const clock = await controlClock(test.database, new Date(start));
    const ledger = new Ledger(test.database, { cushionPerMille: 0 });
    await ensureBudget(test.database, PHASES);
    for (let day = 0; day < 400; day++) {
      // Any time of day, the same for every run.
      await clock.set(
        new Date(Math.max(start, Math.floor(start / DAY_MS) * DAY_MS + day * DAY_MS + ((day * 7_919_317) % DAY_MS))),
      );
      const attemptId = newAttemptId();
      await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd: 1n, deadlineMs: 1 });
      await ledger.settle({ attemptId, chargedNanoUsd: 1n });
    }
    const windows = await test.database.budgetWindow.findMany({ orderBy: { startsAt: 'asc' } });
    expect(windows[0]).toMatchObject({
      startsAt: new Date(start),
      endsAt: new Date(start + 10 * DAY_MS),
      limitNanoUsd: 30_000_000_000n,
    });
    windows.slice(1).forEach((window, i) => {
      expect(window.startsAt).toEqual(windows[i]?.endsAt);
      if (i > 0) expect((window.endsAt?.getTime() ?? 0) - window.startsAt.getTime()).toBe(DAY_MS);
      expect(window.limitNanoUsd).toBe(500_000_000n);
    });
    // Days 10 to 399, of which the first belongs to the launch until 08:17 and may fall into it.
    expect(windows.length).toBeGreaterThanOrEqual(390);
    expect(windows.map((window) => window.startsAt.toISOString())).toContain('2028-02-29T00:00:00.000Z');
    expect(windows.reduce((sum, window) => sum + window.settledNanoUsd, 0n)).toBe(400n);
    expect((await audit(test.database)).problems).toEqual([]);
  });
});
