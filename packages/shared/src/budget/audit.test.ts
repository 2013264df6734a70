import { randomUUID } from 'node:crypto';
import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { audit, freezeAfterAudit } from './audit.ts';
import { thaw } from './freeze.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const START = '2026-11-01T08:00:00Z';
const DAILY = [Phase.parse({ name: 'steady', limit: { perDay: '0.50' } })];
const LIMIT = 500_000_000n;

describe('the audit', () => {
  let test: BudgetDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    test = await budgetDatabase();
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty(START);
    await ensureBudget(test.database, DAILY);
  });

  const reserve = async (amountNanoUsd: bigint) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    return attemptId;
  };
  const settled = async (amount: bigint) => {
    const attemptId = await reserve(amount);
    await ledger.settle({ attemptId, chargedNanoUsd: amount });
    return attemptId;
  };
  const window = () => test.database.budgetWindow.findFirstOrThrow({ orderBy: { startsAt: 'asc' } });
  const problems = async () => (await audit(test.database)).problems;

  /** Changes rows as someone could who has the database: past the triggers. */
  const tamper = (sql: string) =>
    test.database.$transaction([
      test.database.$executeRawUnsafe('SET LOCAL session_replication_role = replica'),
      test.database.$executeRawUnsafe(sql),
    ]);
  /** The same past a constraint or a unique index, which is put back. */
  async function without(rule: { constraint: string; table: string } | { index: string }, work: () => Promise<void>) {
    const { database: db } = test;
    const [found] =
      'index' in rule
        ? await db.$queryRaw<{ sql: string }[]>`SELECT indexdef AS sql FROM pg_indexes WHERE indexname = ${rule.index}`
        : await db.$queryRaw<{ sql: string }[]>`
            SELECT 'ALTER TABLE ' || ${rule.table} || ' ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid) AS sql
            FROM pg_constraint WHERE conname = ${rule.constraint}`;
    await db.$executeRawUnsafe(
      'index' in rule ? `DROP INDEX ${rule.index}` : `ALTER TABLE ${rule.table} DROP CONSTRAINT ${rule.constraint}`,
    );
    try {
      await work();
    } finally {
      await test.empty(START);
      await db.$executeRawUnsafe(found?.sql ?? '');
    }
  }

  it('finds nothing where only the ledger was at work', async () => {
    await settled(LIMIT / 5n);
    await reserve(LIMIT / 5n);
    await ledger.forfeit({ attemptId: await reserve(3n) });
    await ledger.release({ attemptId: await reserve(3n) });
    expect(await audit(test.database)).toEqual({ windows: 1, entries: 7, problems: [] });
  });

  it('finds more committed than the limit', () =>
    without({ table: 'budget_window', constraint: 'budget_window_limit' }, async () => {
      await settled(2n);
      const { id } = await window();
      await tamper(`UPDATE budget_window SET reserved_nano_usd = ${LIMIT}`);
      const over = { invariant: 'I1 committed <= limit', subject: id, problem: '500000000 + 2 > 500000000' };
      expect(await problems()).toEqual(expect.arrayContaining([over]));
      await tamper('UPDATE budget_window SET reserved_nano_usd = -1');
      expect((await problems())[0]).toMatchObject({ ...over, problem: '-1 + 2 > 500000000' });
      await tamper('UPDATE budget_window SET reserved_nano_usd = 0, settled_nano_usd = -1');
      expect((await problems())[0]).toMatchObject({ ...over, problem: '0 + -1 > 500000000' });
    }));

  it('finds counters that are not the sum of the entries', async () => {
    await settled(5n);
    await reserve(7n);
    const { id } = await window();
    const wrong = (problem: string) => [{ invariant: 'I2 counters = entries', subject: id, problem }];
    await tamper("UPDATE budget_entry SET charged_nano_usd = 4 WHERE kind = 'settle'");
    expect(await problems()).toEqual(wrong('counters 7 reserved, 5 settled; entries 7 and 4'));
    await tamper("UPDATE budget_entry SET charged_nano_usd = 5 WHERE kind = 'settle'");
    await tamper('UPDATE budget_window SET reserved_nano_usd = 8');
    expect(await problems()).toEqual(wrong('counters 8 reserved, 5 settled; entries 7 and 5'));
    await tamper('UPDATE budget_window SET reserved_nano_usd = 7');
    expect(await problems()).toEqual([]);
  });

  const ONCE = 'I3 one reservation, at most one ending';
  it('finds an ending without a reservation', async () => {
    const attemptId = await settled(5n);
    await tamper("DELETE FROM budget_entry WHERE kind = 'reserve'");
    expect(await problems()).toEqual(
      expect.arrayContaining([{ invariant: ONCE, subject: attemptId, problem: 'part 0: 0 reservations, 1 endings' }]),
    );
  });

  it('finds an attempt that ended twice', () =>
    without({ index: 'budget_entry_end_once' }, async () => {
      const attemptId = await settled(5n);
      await tamper(`INSERT INTO budget_entry (attempt_id, part, window_id, kind, reserved_nano_usd, charged_nano_usd)
        SELECT attempt_id, part, window_id, 'forfeit', reserved_nano_usd, 0 FROM budget_entry WHERE kind = 'settle'`);
      expect(await problems()).toContainEqual({
        invariant: ONCE,
        subject: attemptId,
        problem: 'part 0: 1 reservations, 2 endings',
      });
    }));

  it('finds an ending of another amount, and one that charged more than was held', () =>
    without({ table: 'budget_entry', constraint: 'budget_entry_amounts' }, async () => {
      const attemptId = await settled(5n);
      await tamper("UPDATE budget_entry SET reserved_nano_usd = 6 WHERE kind = 'settle'");
      expect((await problems()).map((one) => [one.invariant, one.subject])).toContainEqual([ONCE, attemptId]);
      await tamper("UPDATE budget_entry SET reserved_nano_usd = 5, charged_nano_usd = 6 WHERE kind = 'settle'");
      expect((await problems()).map((one) => [one.invariant, one.subject])).toContainEqual([ONCE, attemptId]);
    }));

  it('finds an ending in another window than its reservation', async () => {
    const attemptId = await settled(5n);
    const { id: first } = await window();
    await test.clock.set('2026-11-02T08:00:00Z');
    await settled(1n);
    const second = await test.database.budgetWindow.findFirstOrThrow({ where: { id: { not: first } } });
    await tamper(
      `UPDATE budget_entry SET window_id = '${second.id}' WHERE kind = 'settle' AND attempt_id = '${attemptId}'`,
    );
    expect(await problems()).toContainEqual({
      invariant: 'I5 an ending touches the window of its reservation',
      subject: attemptId,
      problem: `reserved in ${first}, ended in ${second.id}`,
    });
  });

  it('finds time that ran backwards', async () => {
    const attemptId = await settled(5n);
    await tamper("UPDATE budget_entry SET at = at - interval '1 second' WHERE kind = 'settle'");
    expect(await problems()).toEqual([
      {
        invariant: 'I6 time does not run backwards',
        subject: attemptId,
        problem: expect.stringMatching(/^ended at 2026-11-01 07:59:59.*, reserved at 2026-11-01 08:00:00/),
      },
    ]);
  });

  it('finds windows that overlap, and days that are none', () =>
    without({ table: 'budget_window', constraint: 'budget_window_tile' }, async () => {
      await settled(5n);
      const { id } = await window();
      const other = randomUUID();
      await tamper(`INSERT INTO budget_window (id, budget_id, phase_id, starts_at, ends_at, limit_nano_usd)
        SELECT '${other}', budget_id, phase_id, starts_at + interval '1 hour', ends_at, 1 FROM budget_window`);
      expect(await problems()).toEqual(
        expect.arrayContaining([
          { invariant: 'I7 windows tile time', subject: id, problem: `overlaps ${other}` },
          { invariant: 'I7 windows tile time', subject: other, problem: `overlaps ${id}` },
          expect.objectContaining({ invariant: 'I7 a daily window is a UTC day cut to its phase', subject: other }),
        ]),
      );
      await tamper(`DELETE FROM budget_window WHERE id = '${other}'`);
      expect(await problems()).toEqual([]);
      for (const end of ["ends_at + interval '1 second'", 'NULL']) {
        await tamper(`UPDATE budget_window SET ends_at = ${end}`);
        expect((await problems()).map((one) => one.invariant)).toEqual([
          'I7 a daily window is a UTC day cut to its phase',
        ]);
      }
    }));

  it('finds a reservation from before its window', async () => {
    await settled(5n);
    const attemptId = await reserve(1n);
    await tamper(`UPDATE budget_entry SET at = at - interval '1 second' WHERE attempt_id = '${attemptId}'`);
    expect(await problems()).toEqual([
      {
        invariant: 'I7 a reservation was made within its window',
        subject: attemptId,
        problem: expect.stringMatching(/^at 2026-11-01 07:59:59.*, before the window opened at 2026-11-01 08:00:00/),
      },
    ]);
  });

  it('finds an overrun, and an answer that was not priced, that froze nothing', async () => {
    const attemptId = await settled(5n);
    const { id } = await window();
    await tamper(
      `INSERT INTO budget_overrun (attempt_id, window_id, nano_usd, lost_nano_usd) VALUES ('${attemptId}', '${id}', 1, 0)`,
    );
    await tamper(`UPDATE budget_entry SET detail = '{"freeze":"not_as_priced"}' WHERE kind = 'settle'`);
    const found = (invariant: string) => ({ invariant, subject: attemptId, problem: `window ${id} was not frozen` });
    expect(await problems()).toEqual([
      found('I9 an overrun freezes its window'),
      found('I9 an answer that was not priced freezes its window'),
    ]);
  });

  it('shows spending that no hold covers until the window ends or a person has looked at it', async () => {
    await ledger.settle({ attemptId: await reserve(10n), chargedNanoUsd: 30n });
    const lost = { invariant: 'I9 nothing was spent beyond what was held' };
    expect(await problems()).toMatchObject([{ ...lost, problem: '20 nano-dollars are not in the ledger' }]);
    await test.clock.set('2026-11-01T23:59:59Z');
    expect(await problems()).toMatchObject([lost]);
    await test.clock.set('2026-11-02T00:00:00Z');
    expect(await problems()).toEqual([]);
    await test.clock.set(START);

    await test.empty(START);
    await ensureBudget(test.database, DAILY);
    await ledger.settle({ attemptId: await reserve(10n), chargedNanoUsd: 30n });
    await test.clock.set('2026-11-01T08:00:01Z');
    await thaw(test.database, 'global');
    expect(await problems()).toEqual([]);
  });

  it('shows no more than twenty of one kind', async () => {
    for (let i = 0; i < 22; i++) await reserve(1n);
    await tamper("UPDATE budget_entry SET at = at - interval '1 second'");
    expect(await problems()).toHaveLength(20);
  });

  it('stops all spending of windows that have not ended, once', async () => {
    await settled(1n);
    await test.clock.set('2026-11-02T08:00:00Z');
    await settled(1n);
    await ensureBudget(test.database, DAILY, 'repository:1');
    expect(await freezeAfterAudit(test.database)).toBe(1);
    expect(await freezeAfterAudit(test.database)).toBe(0);
    await expect(reserve(1n)).rejects.toMatchObject({
      kind: 'FROZEN',
      detail: { reason: expect.stringContaining('differ') },
    });
    expect((await window()).frozenReason).toBeNull();
    await test.clock.set('2026-11-03T00:00:00Z');
    await reserve(1n);
  });

  it('lets a person end a freeze, and keeps what froze it on record', async () => {
    await ledger.settle({ attemptId: await reserve(10n), chargedNanoUsd: 11n });
    await expect(reserve(1n)).rejects.toMatchObject({ kind: 'FROZEN' });
    expect(await thaw(test.database, 'other')).toBe(0);
    expect(await thaw(test.database, 'global')).toBe(1);
    expect(await thaw(test.database, 'global')).toBe(0);
    await reserve(1n);
    expect(await test.database.budgetOverrun.count()).toBe(1);
    expect(await problems()).toEqual([]);
    expect(await test.database.budgetWindowChange.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { frozenReason: 'overrun' },
      { frozenReason: null },
    ]);
  });
});
