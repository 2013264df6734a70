import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import type { DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { currentPhase, ensureBudget } from './phases.ts';

const USD = 1_000_000_000n;
const START = '2026-03-01T08:00:00Z';
type PhaseInput = Parameters<typeof Phase.parse>[0];
const phases = (...list: PhaseInput[]) => list.map((phase) => Phase.parse(phase));
const LAUNCH = { name: 'launch', limit: { total: '30' }, days: 10 };
const STEADY = { name: 'steady', limit: { perDay: '0.50' } };

describe('the phases of a budget', () => {
  let test: BudgetDatabase;
  let clock: DatabaseClock;
  let ledger: Ledger;

  beforeAll(async () => {
    test = await budgetDatabase();
    clock = test.clock;
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty(START);
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });

  const spend = async (amountNanoUsd: bigint) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    await ledger.settle({ attemptId, chargedNanoUsd: amountNanoUsd });
  };
  const windows = () => test.database.budgetWindow.findMany({ orderBy: [{ startsAt: 'asc' }, { endsAt: 'asc' }] });
  const times = async () => (await windows()).map((w) => `${w.startsAt.toISOString()} ${w.endsAt?.toISOString()}`);

  it('begin once, however many processes start at once, and keep that start', async () => {
    const plans = await Promise.all(
      Array.from({ length: 10 }, () => ensureBudget(test.database, phases(LAUNCH, STEADY))),
    );
    expect(new Set(plans.map((plan) => plan.revision))).toEqual(new Set([1]));
    await clock.set('2026-03-04T00:00:00Z');
    expect((await ensureBudget(test.database, phases(LAUNCH, STEADY))).startedAt).toEqual(new Date(START));
    expect(await test.database.budgetPhase.count()).toBe(2);
  });

  it('follow each other by time', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    expect(await currentPhase(test.database)).toMatchObject({ name: 'launch' });
    await clock.set('2026-03-11T07:59:59.999Z');
    expect(await currentPhase(test.database)).toMatchObject({ name: 'launch' });
    await clock.set('2026-03-11T08:00:00Z');
    expect(await currentPhase(test.database)).toMatchObject({ name: 'steady' });
  });

  it('give a window that begins in mid-day the whole limit of a day', async () => {
    await ensureBudget(test.database, phases(STEADY));
    await spend(USD / 2n);
    await clock.set('2026-03-02T00:00:00Z');
    await spend(USD / 2n);
    expect(await times()).toEqual([
      '2026-03-01T08:00:00.000Z 2026-03-02T00:00:00.000Z',
      '2026-03-02T00:00:00.000Z 2026-03-03T00:00:00.000Z',
    ]);
  });

  it('end early by their money only where that is configured', async () => {
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '1' }, advanceWhenExhausted: true }, STEADY));
    await spend(USD - 10n);
    await spend(20n);
    expect(await currentPhase(test.database)).toMatchObject({ name: 'steady', startsAt: new Date(START) });
    expect(await windows()).toMatchObject([
      { settledNanoUsd: USD - 10n, endsAt: new Date(START) },
      { settledNanoUsd: 20n, limitNanoUsd: USD / 2n },
    ]);
  });

  it('do not end by their money while calls are in flight', async () => {
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '1' }, advanceWhenExhausted: true }, STEADY));
    await ledger.reserve({
      attemptId: newAttemptId(),
      budgetIds: ['global'],
      amountNanoUsd: USD - 10n,
      deadlineMs: 1_000,
    });
    await expect(spend(20n)).rejects.toMatchObject({ kind: 'WAIT_SETTLING' });
    expect(await currentPhase(test.database)).toMatchObject({ name: 'launch' });
  });

  it('keep window and counters when the limit is raised', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await spend(29n * USD);
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '40' } }, STEADY));
    await spend(11n * USD);
    expect(await windows()).toMatchObject([{ limitNanoUsd: 40n * USD, settledNanoUsd: 40n * USD }]);
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'WAIT_WINDOW' });
  });

  it('freeze a window whose limit is lowered below what is committed, and thaw it when it is raised again', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await spend(12n * USD);
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '5' } }, STEADY));
    expect(await windows()).toMatchObject([{ limitNanoUsd: 12n * USD, frozenReason: 'limit_lowered' }]);
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'FROZEN', until: new Date('2026-03-11T08:00:00Z') });
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '13' } }, STEADY));
    await spend(USD);
    expect(await test.database.budgetWindowChange.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { limitNanoUsd: 12n * USD, frozenReason: 'limit_lowered' },
      { limitNanoUsd: 13n * USD, frozenReason: null },
    ]);
  });

  it('do not give back what was freed while frozen', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd: 12n * USD, deadlineMs: 1_000 });
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '5' } }, STEADY));
    await ledger.settle({ attemptId, chargedNanoUsd: USD });
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'FROZEN' });
  });

  it('give no fresh money for a new name', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await spend(30n * USD);
    await ensureBudget(test.database, phases({ ...LAUNCH, name: 'start' }, STEADY));
    expect(await windows()).toHaveLength(1);
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'WAIT_WINDOW' });
  });

  it('end now when they are shortened to less than they have lasted, and tile time', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await spend(USD);
    await clock.set('2026-03-06T10:00:00Z');
    await ensureBudget(test.database, phases({ ...LAUNCH, days: 2 }, STEADY));
    await spend(1n);
    expect(await times()).toEqual([
      '2026-03-01T08:00:00.000Z 2026-03-06T10:00:00.000Z',
      '2026-03-06T10:00:00.000Z 2026-03-07T00:00:00.000Z',
    ]);
  });

  it('begin anew, in a window of their own, when the kind of limit changes', async () => {
    await ensureBudget(test.database, phases(STEADY));
    await spend(USD / 2n);
    await clock.set('2026-03-01T12:00:00Z');
    await ensureBudget(test.database, phases({ name: 'steady', limit: { total: '3' } }));
    await spend(3n * USD);
    expect(await windows()).toMatchObject([
      { limitNanoUsd: USD / 2n, endsAt: new Date('2026-03-01T12:00:00Z') },
      { limitNanoUsd: 3n * USD, startsAt: new Date('2026-03-01T12:00:00Z'), endsAt: null },
    ]);
  });

  it('keep what has passed as it was, row by row', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await ensureBudget(test.database, phases({ ...LAUNCH, limit: { total: '40' } }, STEADY));
    const rows = await test.database.budgetPhase.findMany({ orderBy: [{ revision: 'asc' }, { seq: 'asc' }] });
    expect(rows.map((row) => [row.revision, row.name, row.limitNanoUsd, row.reason])).toEqual([
      [1, 'launch', 30n * USD, 'start'],
      [1, 'steady', USD / 2n, 'start'],
      [2, 'launch', 40n * USD, 'config'],
      [2, 'steady', USD / 2n, 'config'],
    ]);
  });

  it('are changed by one of several processes that see the same change', async () => {
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    const changed = phases({ ...LAUNCH, limit: { total: '40' } }, STEADY);
    const plans = await Promise.all(Array.from({ length: 10 }, () => ensureBudget(test.database, changed)));
    expect(new Set(plans.map((plan) => plan.revision))).toEqual(new Set([2]));
  });

  it('stay at the last instant on record when the clock of the database is set back', async () => {
    await ensureBudget(test.database, phases(STEADY));
    await clock.set('2026-03-02T00:10:00Z');
    await spend(USD / 2n);
    await clock.set('2026-03-01T23:50:00Z');
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-03-03T00:00:00Z') });
    expect(await windows()).toHaveLength(1);
  });

  it('refuse everything after the last has ended', async () => {
    await ensureBudget(test.database, phases(LAUNCH));
    await clock.set('2026-03-11T08:00:00Z');
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'FROZEN', until: null });
    await ensureBudget(test.database, phases(LAUNCH, STEADY));
    await spend(USD / 2n);
  });
});
