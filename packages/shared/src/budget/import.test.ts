import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { audit } from './audit.ts';
import { tokenBudgetFile } from './export.ts';
import { importTokenBudget } from './import.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { currentPhase, ensureBudget } from './phases.ts';

const USD = 1_000_000_000n;
const START = '2026-11-01T08:00:00Z';
const LAUNCH = Phase.parse({ name: 'launch', limit: { total: '30' }, days: 10 });
const STEADY = Phase.parse({ name: 'steady', limit: { perDay: '0.50' } });
const PHASES = [LAUNCH, STEADY];

describe('a budget that is taken over by another installation', () => {
  let here: BudgetDatabase;
  let there: BudgetDatabase;
  beforeAll(async () => {
    here = await budgetDatabase();
    there = await budgetDatabase();
  });
  afterAll(async () => {
    await here.close();
    await there.close();
  });
  beforeEach(async () => {
    await here.empty(START);
    await there.empty('2026-11-05T00:00:00Z');
  });

  const spend = async (test: BudgetDatabase, amountNanoUsd: bigint) => {
    const ledger = new Ledger(test.database, { cushionPerMille: 0 });
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    await ledger.settle({ attemptId, chargedNanoUsd: amountNanoUsd });
  };
  /** The file, as it is read from a disk. */
  const exported = async () => JSON.parse(JSON.stringify(await tokenBudgetFile(here.database)));
  const refusal = (field: string, problem: RegExp) =>
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      detail: { file: 'token_budget.json', field, problem: expect.stringMatching(problem) },
    });

  it('keeps its first start, its phase and what is spent of it', async () => {
    await ensureBudget(here.database, PHASES);
    await spend(here, 1_234_567_891n);
    const file = await exported();
    expect(await importTokenBudget(there.database, file, PHASES)).toMatchObject({
      startedAt: new Date(START),
      phase: { name: 'launch', startsAt: new Date(START), endsAt: new Date('2026-11-11T08:00:00Z') },
      spentNanoUsd: 1_234_567_891n,
    });
    expect(await tokenBudgetFile(there.database)).toEqual({
      ...file,
      daily_usage: { '2026-11-05': '1.234567891' },
      updated_at: '2026-11-05T00:00:00.000Z',
    });
    // The configuration is the same: it writes no new plan.
    expect((await ensureBudget(there.database, PHASES)).revision).toBe(1);
    await expect(spend(there, 29n * USD)).rejects.toMatchObject({ kind: 'FROZEN' });
    await spend(there, 28n * USD);
    expect((await audit(there.database)).problems).toEqual([]);
  });

  it('does not give the money of a phase again that ended early', async () => {
    const phases = [{ ...LAUNCH, advanceWhenExhausted: true }, STEADY];
    await ensureBudget(here.database, phases);
    await spend(here, 30n * USD);
    await here.clock.set('2026-11-02T12:00:00Z');
    await spend(here, USD / 5n);
    await there.empty('2026-11-02T13:00:00Z');
    await importTokenBudget(there.database, await exported(), phases);
    expect(await currentPhase(there.database)).toMatchObject({ name: 'steady', seq: 1 });
    await expect(spend(there, (USD * 2n) / 5n)).rejects.toMatchObject({ kind: 'WAIT_WINDOW' });
    await spend(there, (USD * 3n) / 10n);
  });

  it('is not charged for a day that is over', async () => {
    await ensureBudget(here.database, [STEADY]);
    await spend(here, USD / 2n);
    const file = await exported();
    await there.empty('2026-11-01T23:59:59Z');
    expect(await importTokenBudget(there.database, file, [STEADY])).toMatchObject({ spentNanoUsd: USD / 2n });
    await there.empty('2026-11-02T00:00:00Z');
    expect(await importTokenBudget(there.database, file, [STEADY])).toMatchObject({ spentNanoUsd: 0n });
    await spend(there, USD / 2n);
  });

  it('is full where more is spent than the configuration here allows', async () => {
    const file = { start_date: START, spent_usd: 17.5 };
    const small = [{ ...LAUNCH, limit: { total: 5n * USD } }];
    expect(await importTokenBudget(there.database, file, small)).toMatchObject({ spentNanoUsd: 5n * USD });
    await expect(spend(there, 1n)).rejects.toMatchObject({ kind: 'FROZEN' });
  });

  it.each([
    ['0.5', USD / 2n],
    ['2', 2n * USD],
    ['0.000000001', 1n],
    [0.25, USD / 4n],
  ])('reads %j US dollars to the nano', async (spent_usd, amount) => {
    const file = { start_date: START, spent_usd };
    expect(await importTokenBudget(there.database, file, [LAUNCH])).toMatchObject({ spentNanoUsd: amount });
  });

  it('needs no more than the start, and has no phase after the last', async () => {
    expect(await importTokenBudget(there.database, { start_date: '2026-10-01T00:00:00+02:00' }, [LAUNCH])).toEqual({
      startedAt: new Date('2026-09-30T22:00:00Z'),
      phase: undefined,
      spentNanoUsd: 0n,
    });
    expect(await there.database.budgetEntry.count()).toBe(0);
  });

  it('is refused where one has begun, and changes nothing there', async () => {
    await ensureBudget(there.database, PHASES);
    const file = { start_date: START, spent_usd: '1' };
    await expect(importTokenBudget(there.database, file, PHASES)).rejects.toEqual(refusal('start_date', /has begun/));
    expect(await there.database.budgetEntry.count()).toBe(0);
    expect(await currentPhase(there.database)).toMatchObject({ startsAt: new Date('2026-11-05T00:00:00Z') });
  });

  it.each([
    [{}, 'start_date'],
    [{ start_date: 'yesterday' }, 'start_date'],
    [{ start_date: '2026-11-05T00:00:01Z' }, 'start_date'],
    [{ start_date: START, spent_usd: '-1' }, 'spent_usd'],
    [{ start_date: START, spent_usd: '1.0000000001' }, 'spent_usd'],
    [{ start_date: START, spent_usd: '1e3' }, 'spent_usd'],
    [{ start_date: START, window_end: 'soon' }, 'window_end'],
    ['text', ''],
  ])('refuses %j and begins nothing', async (file, field) => {
    await expect(importTokenBudget(there.database, file, PHASES)).rejects.toEqual(refusal(field, /./));
    expect(await there.database.budget.count()).toBe(0);
  });
});
