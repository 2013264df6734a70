import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import type { DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { announcePhase, raiseAlerts } from './alerts.ts';
import { tokenBudgetFile } from './export.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';
import { budgetReport } from './report.ts';

const USD = 1_000_000_000n;
const LAUNCH = Phase.parse({ name: 'launch', limit: { total: '30' }, days: 10 });
const STEADY = Phase.parse({ name: 'steady', limit: { perDay: '0.50' } });

describe('what the ledger tells', () => {
  let test: BudgetDatabase;
  let clock: DatabaseClock;
  let ledger: Ledger;

  beforeAll(async () => {
    test = await budgetDatabase();
    clock = test.clock;
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty('2026-11-01T08:00:00Z');
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });

  const reserve = async (amountNanoUsd: bigint) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    return attemptId;
  };
  const spend = async (amount: bigint) => ledger.settle({ attemptId: await reserve(amount), chargedNanoUsd: amount });

  it('is reported per window and per day', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    await spend(2n * USD);
    await ledger.forfeit({ attemptId: await reserve(USD) });
    await clock.set('2026-11-03T09:00:00Z');
    await spend(3n * USD);
    await reserve(4n * USD);
    expect(await budgetReport(test.database)).toMatchObject({
      startedAt: new Date('2026-11-01T08:00:00Z'),
      phase: { name: 'launch' },
      daysLeft: 8,
      nextTick: new Date('2026-11-03T09:30:00Z'),
      window: {
        limitNanoUsd: 30n * USD,
        committedNanoUsd: 10n * USD,
        settledNanoUsd: 6n * USD,
        forfeitedNanoUsd: USD,
        inFlightNanoUsd: 4n * USD,
        inFlightCalls: 1,
        freeNanoUsd: 20n * USD,
        frozenReason: null,
      },
      spentNanoUsd: 6n * USD,
      burnPerDayNanoUsd: 2n * USD,
      days: [
        { day: '2026-11-01', chargedNanoUsd: 3n * USD, forfeitedNanoUsd: USD, calls: 2 },
        { day: '2026-11-03', chargedNanoUsd: 3n * USD, forfeitedNanoUsd: 0n, calls: 1 },
      ],
    });
  });

  it('is nothing before the first start', async () => {
    expect(await budgetReport(test.database)).toBeNull();
    expect(await tokenBudgetFile(test.database)).toBeNull();
    expect(await announcePhase(test.database)).toBeNull();
  });

  it('alerts at each threshold once a window, also when two processes look at once', async () => {
    await ensureBudget(test.database, [STEADY]);
    const raise = () => raiseAlerts(test.database, [80, 90, 95]);
    await spend((USD * 2n) / 5n - 1n);
    expect(await raise()).toEqual([]);
    await spend(1n);
    expect((await Promise.all([raise(), raise(), raise()])).flat()).toMatchObject([
      { percent: 80, level: 'yellow', phase: 'steady', windowEndsAt: '2026-11-02T00:00:00.000Z' },
    ]);
    await spend(USD / 20n);
    expect(await raise()).toMatchObject([
      { percent: 90, level: 'orange', spentNanoUsd: '450000000', limitNanoUsd: '500000000' },
    ]);
    await spend(USD / 40n);
    expect(await raise()).toMatchObject([{ percent: 95, level: 'red' }]);
    expect(await raise()).toEqual([]);
    await clock.set('2026-11-02T08:00:00Z');
    await spend((USD * 49n) / 100n);
    expect(await raise()).toMatchObject([{ percent: 95, level: 'red' }]);
    expect(await test.database.event.count({ where: { type: 'budget.alert' } })).toBe(4);
  });

  it('takes thresholds in any order, names the highest three by colour, and tells all of the window', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'open', limit: { total: '1' } })]);
    const levels = async (percents: number[]) =>
      (await raiseAlerts(test.database, percents)).map((alert) => [alert.percent, alert.level]);
    await spend(USD / 2n);
    expect(await raiseAlerts(test.database, [95, 50, 90, 80, 95])).toEqual([
      {
        budgetId: 'global',
        phase: 'open',
        percent: 50,
        level: 'yellow',
        spentNanoUsd: '500000000',
        limitNanoUsd: '1000000000',
        windowStartsAt: '2026-11-01T08:00:00.000Z',
        windowEndsAt: null,
      },
    ]);
    await spend((USD * 3n) / 10n);
    expect(await levels([95, 50, 90, 80, 95])).toEqual([[80, 'yellow']]);
    await spend(USD / 10n);
    expect(await levels([95, 50, 90, 80, 95])).toEqual([[90, 'orange']]);
    await spend(USD / 10n);
    expect(await levels([95, 50, 90, 80, 95])).toEqual([[95, 'red']]);
    expect(await levels([])).toEqual([]);
  });

  it('does not alert for money that is only held', async () => {
    await ensureBudget(test.database, [STEADY]);
    await reserve(USD / 2n);
    expect(await raiseAlerts(test.database, [80])).toEqual([]);
  });

  it('announces each phase once', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    const announce = () => announcePhase(test.database);
    expect((await Promise.all([announce(), announce()])).filter(Boolean)).toEqual([
      {
        budgetId: 'global',
        name: 'launch',
        kind: 'total',
        limitNanoUsd: '30000000000',
        startsAt: '2026-11-01T08:00:00.000Z',
        endsAt: '2026-11-11T08:00:00.000Z',
      },
    ]);
    expect(await test.database.event.findMany({ where: { type: 'budget.phase' } })).toMatchObject([
      { data: { name: 'launch' } },
    ]);
    expect(await announce()).toBeNull();
    await clock.set('2026-11-11T08:00:00Z');
    expect(await announce()).toMatchObject({ name: 'steady', kind: 'per_utc_day', endsAt: null });
    expect(await announcePhase(test.database, 'other')).toBeNull();
  });

  it('is exported in full, in the middle of a phase', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    await spend(1_234_567_891n);
    await reserve(1n);
    expect(await tokenBudgetFile(test.database)).toEqual({
      phase: 'launch',
      phase_number: 1,
      start_date: '2026-11-01T08:00:00.000Z',
      phase_start: '2026-11-01T08:00:00.000Z',
      phase_end: '2026-11-11T08:00:00.000Z',
      window_start: '2026-11-01T08:00:00.000Z',
      window_end: '2026-11-11T08:00:00.000Z',
      limit_usd: '30.000000000',
      spent_usd: '1.234567891',
      reserved_usd: '0.000000001',
      remaining_usd: '28.765432108',
      total_spent_usd: '1.234567891',
      daily_usage: { '2026-11-01': '1.234567891' },
      updated_at: '2026-11-01T08:00:00.000Z',
    });
  });

  it('is exported before a window opens, in an open phase, and after the last has ended', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    await spend(USD);
    await clock.set('2026-11-12T10:00:00Z');
    const nothing = { window_start: null, window_end: null, spent_usd: '0.000000000', reserved_usd: '0.000000000' };
    expect(await tokenBudgetFile(test.database)).toMatchObject({
      ...nothing,
      phase: 'steady',
      phase_number: 2,
      phase_start: '2026-11-11T08:00:00.000Z',
      phase_end: null,
      limit_usd: '0.500000000',
      remaining_usd: '0.500000000',
      total_spent_usd: '1.000000000',
    });
    await test.empty('2026-11-01T08:00:00Z');
    await ensureBudget(test.database, [LAUNCH]);
    await clock.set('2026-11-12T10:00:00Z');
    expect(await tokenBudgetFile(test.database)).toMatchObject({
      ...nothing,
      phase: null,
      phase_number: null,
      phase_start: null,
      limit_usd: '0.000000000',
      remaining_usd: '0.000000000',
    });
  });

  it('burns what the last seven days cost, or those since the start', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'open', limit: { total: '30' } })]);
    const burn = async () => (await budgetReport(test.database))?.burnPerDayNanoUsd;
    await spend(7n * USD);
    expect(await burn()).toBe(7n * USD);
    await clock.set('2026-11-02T00:00:00Z');
    expect(await burn()).toBe((7n * USD) / 2n);
    await clock.set('2026-11-07T23:59:59Z');
    expect(await burn()).toBe(USD);
    await clock.set('2026-11-08T00:00:00Z');
    expect(await burn()).toBe(0n);
    await spend(14n * USD);
    expect(await burn()).toBe(2n * USD);
  });

  it('has a window that is open without end, and none where nothing was asked of it', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'open', limit: { total: '30' }, every: '1h' })]);
    expect(await budgetReport(test.database)).toMatchObject({ window: null, windows: [], daysLeft: null });
    await spend(USD);
    await clock.set('2027-11-01T08:10:00Z');
    expect(await budgetReport(test.database)).toMatchObject({
      window: { endsAt: null, settledNanoUsd: USD },
      nextTick: new Date('2027-11-01T09:00:00Z'),
      daysLeft: null,
    });
    await test.empty('2026-11-01T08:00:00Z');
    await ensureBudget(test.database, [STEADY]);
    await spend(USD / 2n);
    await clock.set('2026-11-02T00:00:00Z');
    expect(await budgetReport(test.database)).toMatchObject({ window: null, windows: [{ phase: 'steady' }] });
    await test.empty('2026-11-01T08:00:00Z');
    await ensureBudget(test.database, [LAUNCH]);
    await clock.set('2026-11-12T08:00:00Z');
    expect(await budgetReport(test.database)).toMatchObject({ phase: null, daysLeft: null, nextTick: null });
  });
});
