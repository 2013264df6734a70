import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import type { DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { audit } from './audit.ts';
import { BudgetDenied } from './denied.ts';
import { thaw } from './freeze.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const USD = 1_000_000_000n;
const START = '2026-03-01T08:00:00Z';
const LAUNCH = [
  { name: 'launch', limit: { total: '30' }, days: 10, every: '30m' },
  { name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' },
].map((phase) => Phase.parse(phase));
const daily = (usd: string) => [Phase.parse({ name: 'steady', limit: { perDay: usd } })];

describe('the ledger', () => {
  let test: BudgetDatabase;
  let clock: DatabaseClock;
  /** Without a cushion amounts in these tests are what is held; the cushion has tests of its own. */
  let ledger: Ledger;

  beforeAll(async () => {
    test = await budgetDatabase();
    clock = test.clock;
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty(START);
    ledger = new Ledger(test.database, { cushionPerMille: 0, graceMs: 0 });
  });

  const reserve = async (amountNanoUsd: bigint, budgetIds = ['global'], deadlineMs = 60_000) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds, amountNanoUsd, deadlineMs });
    return attemptId;
  };
  const denial = async (work: Promise<unknown>): Promise<BudgetDenied> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BudgetDenied);
    return error as BudgetDenied;
  };
  const windows = () => test.database.budgetWindow.findMany({ orderBy: [{ startsAt: 'asc' }, { endsAt: 'asc' }] });

  it('holds the bound, books the cost and gives the rest back', async () => {
    await ensureBudget(test.database, LAUNCH);
    const attemptId = await reserve(3n * USD);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 3n * USD, settledNanoUsd: 0n, limitNanoUsd: 30n * USD }]);
    expect(await ledger.settle({ attemptId, chargedNanoUsd: 1_234_567_891n })).toEqual({
      result: 'ended',
      overrunNanoUsd: 0n,
    });
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: 1_234_567_891n }]);
  });

  it('gives everything back on release, and nothing on forfeit', async () => {
    await ensureBudget(test.database, LAUNCH);
    await ledger.release({ attemptId: await reserve(2n * USD) });
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: 0n }]);
    await ledger.forfeit({ attemptId: await reserve(2n * USD) });
    await ledger.forfeit({ attemptId: await reserve(2n * USD), chargedNanoUsd: USD });
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: 3n * USD }]);
  });

  it('ends an attempt once, whatever is said about it later', async () => {
    await ensureBudget(test.database, LAUNCH);
    const attemptId = await reserve(2n * USD);
    await ledger.settle({ attemptId, chargedNanoUsd: USD });
    const again = [
      ledger.settle({ attemptId, chargedNanoUsd: 2n * USD }),
      ledger.release({ attemptId }),
      ledger.forfeit({ attemptId }),
    ];
    expect((await Promise.all(again)).map((ending) => ending.result)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: USD }]);
    expect(await ledger.release({ attemptId: newAttemptId() })).toMatchObject({ result: 'unknown' });
  });

  it('takes an attempt id once, and knows the same question again', async () => {
    await ensureBudget(test.database, daily('0.50'));
    const question = { attemptId: newAttemptId(), budgetIds: ['global'], amountNanoUsd: USD / 2n, deadlineMs: 60_000 };
    await ledger.reserve(question);
    // The window is full by now: the repeated question is not refused for lack of money.
    await ledger.reserve(question);
    await expect(ledger.reserve({ ...question, amountNanoUsd: 1n })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await windows()).toMatchObject([{ reservedNanoUsd: USD / 2n }]);
    await ledger.settle({ attemptId: question.attemptId, chargedNanoUsd: 1n });
    await expect(ledger.reserve(question)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('counts one of many identical reservations that race', async () => {
    await ensureBudget(test.database, LAUNCH);
    const question = { attemptId: newAttemptId(), budgetIds: ['global'], amountNanoUsd: USD, deadlineMs: 60_000 };
    await Promise.all(Array.from({ length: 8 }, () => ledger.reserve(question)));
    expect(await windows()).toMatchObject([{ reservedNanoUsd: USD }]);
    expect(await test.database.budgetEntry.count()).toBe(1);
  });

  it('admits to the last nano-dollar and not one more', async () => {
    await ensureBudget(test.database, daily('0.50'));
    await ledger.settle({ attemptId: await reserve(USD / 2n - 1n), chargedNanoUsd: USD / 2n - 1n });
    expect(await denial(reserve(2n))).toMatchObject({ kind: 'WAIT_WINDOW' });
    await reserve(1n);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 1n, settledNanoUsd: USD / 2n - 1n }]);
  });

  it('says when to ask again: at the next window, soon, or never', async () => {
    await ensureBudget(test.database, daily('0.50'));
    const attemptId = await reserve(USD / 4n);
    expect(await denial(reserve(USD / 2n))).toMatchObject({
      kind: 'WAIT_SETTLING',
      until: new Date('2026-03-01T08:00:05Z'),
    });
    await ledger.settle({ attemptId, chargedNanoUsd: 1n });
    expect(await denial(reserve(USD / 2n))).toMatchObject({
      kind: 'WAIT_WINDOW',
      until: new Date('2026-03-02T00:00:00Z'),
    });
    expect(await denial(reserve(USD))).toMatchObject({ kind: 'NEVER_FITS', until: null });
  });

  it('lets no call straddle the end of its window', async () => {
    await ensureBudget(test.database, daily('0.50'));
    await clock.set('2026-03-01T23:59:00Z');
    await reserve(1n, ['global'], 60_000);
    expect(await denial(reserve(1n, ['global'], 60_001))).toMatchObject({
      kind: 'WAIT_WINDOW',
      until: new Date('2026-03-02T00:00:00Z'),
    });
  });

  it('refunds the window that was charged, not the one that is current', async () => {
    await ensureBudget(test.database, LAUNCH);
    await clock.set('2026-03-11T07:55:00Z');
    const attemptId = await reserve(5n * USD, ['global'], 300_000);
    await clock.set('2026-03-11T08:00:00Z');
    await reserve(USD / 2n);
    await ledger.settle({ attemptId, chargedNanoUsd: USD });
    expect(await windows()).toMatchObject([
      { limitNanoUsd: 30n * USD, reservedNanoUsd: 0n, settledNanoUsd: USD, endsAt: new Date('2026-03-11T08:00:00Z') },
      {
        limitNanoUsd: USD / 2n,
        reservedNanoUsd: USD / 2n,
        settledNanoUsd: 0n,
        startsAt: new Date('2026-03-11T08:00:00Z'),
        endsAt: new Date('2026-03-12T00:00:00Z'),
      },
    ]);
  });

  it('asks every budget of a call, and takes from all or from none', async () => {
    await ensureBudget(test.database, LAUNCH);
    await ensureBudget(test.database, [Phase.parse({ name: 'task', limit: { total: '0.20' } })], 'task:1');
    const attemptId = await reserve(USD / 10n, ['task:1', 'global']);
    expect(await test.database.budgetEntry.findMany({ orderBy: { part: 'asc' } })).toMatchObject([
      { part: 0 },
      { part: 1 },
    ]);
    await ledger.settle({ attemptId, chargedNanoUsd: USD / 20n });
    expect(await denial(reserve(USD / 5n, ['task:1', 'global']))).toMatchObject({ kind: 'NEVER_FITS' });
    expect((await windows()).map((window) => [window.budgetId, window.reservedNanoUsd, window.settledNanoUsd])).toEqual(
      expect.arrayContaining([
        ['global', 0n, USD / 20n],
        ['task:1', 0n, USD / 20n],
      ]),
    );
    expect(await denial(reserve(1n, ['global', 'task:none']))).toMatchObject({ kind: 'FROZEN' });
  });

  it('forfeits in full what was never ended, once, and only after its time', async () => {
    await ensureBudget(test.database, LAUNCH);
    const lost = await reserve(USD, ['global'], 60_000);
    await clock.set('2026-03-01T08:01:00Z');
    expect(await ledger.reap()).toBe(0);
    await clock.set('2026-03-01T08:01:01Z');
    const reaped = await Promise.all(Array.from({ length: 8 }, () => ledger.reap()));
    expect(reaped.reduce((sum, count) => sum + count)).toBe(1);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: USD }]);
    expect(await ledger.settle({ attemptId: lost, chargedNanoUsd: 1n })).toMatchObject({ result: 'duplicate' });
  });

  it('puts a call that cost more than its bound on record, within the cushion, and freezes the window', async () => {
    await ensureBudget(test.database, daily('0.50'));
    ledger = new Ledger(test.database, { cushionPerMille: 50 });
    const attemptId = await reserve(100_000_000n);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 105_000_000n }]);
    expect(await ledger.settle({ attemptId, chargedNanoUsd: 104_000_000n })).toEqual({
      result: 'ended',
      overrunNanoUsd: 4_000_000n,
    });
    expect(await windows()).toMatchObject([
      { reservedNanoUsd: 0n, settledNanoUsd: 104_000_000n, frozenReason: 'overrun' },
    ]);
    expect(await test.database.budgetOverrun.findMany()).toMatchObject([
      { attemptId, nanoUsd: 4_000_000n, lostNanoUsd: 0n },
    ]);
    expect(await denial(reserve(1n))).toMatchObject({ kind: 'FROZEN', until: new Date('2026-03-02T00:00:00Z') });
    await clock.set('2026-03-02T00:00:00Z');
    await reserve(1n);
  });

  it('freezes every window of an attempt that was not answered as it was priced, with what was held booked', async () => {
    await ensureBudget(test.database, daily('0.50'));
    await ensureBudget(test.database, daily('0.40'), 'repository:1');
    await ensureBudget(test.database, daily('0.40'), 'repository:2');
    const attemptId = await reserve(100n, ['global', 'repository:1']);
    const other = await reserve(50n, ['global', 'repository:2']);
    const detail = { reason: 'the answer is of speed "fast"' };
    expect(await ledger.forfeit({ attemptId, freeze: 'not_as_priced', detail })).toEqual({
      result: 'ended',
      overrunNanoUsd: 0n,
    });
    const state = async () =>
      (await windows())
        .map((one) => [one.budgetId, one.settledNanoUsd, one.frozenReason, one.frozenAt !== null])
        .sort();
    expect(await state()).toEqual([
      ['global', 100n, 'not_as_priced', true],
      ['repository:1', 100n, 'not_as_priced', true],
      ['repository:2', 0n, null, false],
    ]);
    expect(await test.database.budgetEntry.findFirst({ where: { attemptId, kind: 'forfeit' } })).toMatchObject({
      detail: { ...detail, freeze: 'not_as_priced' },
    });
    expect((await audit(test.database)).problems).toEqual([]);
    // What is in flight ends as always; nothing new begins, until a person says so.
    await ledger.settle({ attemptId: other, chargedNanoUsd: 50n });
    expect(await denial(reserve(1n))).toMatchObject({ kind: 'FROZEN', until: new Date('2026-03-02T00:00:00Z') });
    expect(await thaw(test.database, 'global')).toBe(1);
    await reserve(1n);
    expect(await denial(reserve(1n, ['repository:1']))).toMatchObject({ kind: 'FROZEN' });
  });

  it('is not frozen by what is said about an attempt that has ended', async () => {
    await ensureBudget(test.database, daily('0.50'));
    const attemptId = await reserve(100n);
    await ledger.settle({ attemptId, chargedNanoUsd: 1n });
    expect(await ledger.forfeit({ attemptId, freeze: 'not_as_priced' })).toMatchObject({ result: 'duplicate' });
    await reserve(1n);
  });

  it('books no more than it held, even for a cost beyond the cushion', async () => {
    await ensureBudget(test.database, daily('0.50'));
    ledger = new Ledger(test.database, { cushionPerMille: 50 });
    const attemptId = await reserve(100_000_000n);
    await ledger.settle({ attemptId, chargedNanoUsd: 200_000_000n });
    expect(await windows()).toMatchObject([{ settledNanoUsd: 105_000_000n, frozenReason: 'overrun' }]);
    expect(await test.database.budgetOverrun.findMany()).toMatchObject([
      { nanoUsd: 100_000_000n, lostNanoUsd: 95_000_000n },
    ]);
  });

  it('refuses changes to history in the database itself', async () => {
    await ensureBudget(test.database, daily('0.50'));
    await reserve(1n);
    const refused = [
      'UPDATE budget_entry SET charged_nano_usd = 0',
      'DELETE FROM budget_entry',
      'TRUNCATE budget_entry CASCADE',
      'UPDATE budget_window SET reserved_nano_usd = limit_nano_usd + 1',
      "UPDATE budget_window SET starts_at = starts_at - interval '1 day'",
      'DELETE FROM budget_window',
      'UPDATE budget SET started_at = now()',
      'UPDATE budget_phase SET limit_nano_usd = 1',
    ];
    for (const sql of refused) await expect(test.database.$executeRawUnsafe(sql), sql).rejects.toThrow();
  });
});
