import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget, readPlan } from './phases.ts';

const USD = 1_000_000_000n;
const START = '2026-03-01T08:00:00Z';
type PhaseInput = Parameters<typeof Phase.parse>[0];
const A = { name: 'a', limit: { total: '1' }, days: 1 };
const B = { name: 'b', limit: { total: '2' }, days: 1 };
const DAILY = { name: 'daily', limit: { perDay: '0.50' } };

describe('a configuration that changes', () => {
  let test: BudgetDatabase;
  beforeAll(async () => {
    test = await budgetDatabase();
  });
  afterAll(() => test.close());
  beforeEach(() => test.empty(START));

  const configure = (...list: PhaseInput[]) =>
    ensureBudget(
      test.database,
      list.map((phase) => Phase.parse(phase)),
    );
  const spend = async (amountNanoUsd: bigint) => {
    const ledger = new Ledger(test.database, { cushionPerMille: 0 });
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    await ledger.settle({ attemptId, chargedNanoUsd: amountNanoUsd });
  };
  const windows = async () =>
    (await test.database.budgetWindow.findMany({ orderBy: [{ startsAt: 'asc' }, { endsAt: 'asc' }] })).map((one) => [
      one.startsAt.toISOString().slice(5, 16),
      one.endsAt?.toISOString().slice(5, 16) ?? 'open',
      one.limitNanoUsd,
      one.settledNanoUsd,
    ]);
  const changes = () => test.database.budgetWindowChange.count();

  it('moves the limit of an open window, and of a day', async () => {
    await configure({ name: 'open', limit: { total: '1' } });
    await spend(USD / 2n);
    await configure({ name: 'open', limit: { total: '2' } });
    expect(await windows()).toEqual([['03-01T08:00', 'open', 2n * USD, USD / 2n]]);
    await configure({ name: 'open', limit: { total: '2' }, days: 1 }, DAILY);
    expect(await windows()).toEqual([['03-01T08:00', '03-02T08:00', 2n * USD, USD / 2n]]);

    await test.empty(START);
    await configure(DAILY);
    await spend(USD / 4n);
    await configure({ ...DAILY, limit: { perDay: '0.60' } });
    expect(await windows()).toEqual([['03-01T08:00', '03-02T00:00', (USD * 6n) / 10n, USD / 4n]]);
  });

  it.each(['2026-03-02T00:00:00Z', '2026-03-02T09:00:00Z'])(
    'leaves a day that is over as it was, and holds for the next, at %s',
    async (at) => {
      await configure(DAILY);
      await spend(USD / 2n);
      await test.clock.set(at);
      await configure({ ...DAILY, limit: { perDay: '0.10' } });
      expect([await windows(), await changes()]).toEqual([[['03-01T08:00', '03-02T00:00', USD / 2n, USD / 2n]], 0]);
      await spend(USD / 10n);
      expect((await windows())[1]).toEqual(['03-02T00:00', '03-03T00:00', USD / 10n, USD / 10n]);
    },
  );

  it('leaves the window of an earlier phase as it was', async () => {
    await configure(A, B);
    await spend(USD);
    await test.clock.set('2026-03-02T12:00:00Z');
    await configure(A, { ...B, limit: { total: '3' } });
    expect([await windows(), await changes()]).toEqual([[['03-01T08:00', '03-02T08:00', USD, USD]], 0]);
    await spend(3n * USD);
    expect((await windows())[1]).toEqual(['03-02T08:00', '03-03T08:00', 3n * USD, 3n * USD]);
  });

  it('makes the last phase longer after its end, with what is left of its money and no more', async () => {
    await configure(A, B);
    await test.clock.set('2026-03-02T12:00:00Z');
    await spend(USD);
    await test.clock.set('2026-03-09T12:00:00Z');
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'FROZEN' });
    const plan = await configure(A, { ...B, days: 10 });
    expect(plan.phases.map((phase) => [phase.seq, phase.name])).toEqual([[1, 'b']]);
    expect(await windows()).toEqual([['03-02T08:00', '03-12T08:00', 2n * USD, USD]]);
    await spend(USD);
    await expect(spend(1n)).rejects.toMatchObject({ kind: 'FROZEN' });
  });

  it('ends the window in the instant in which it opened, where the kind of the limit changes then', async () => {
    await configure(DAILY);
    await test.clock.set('2026-03-03T00:00:00Z');
    await spend(USD / 4n);
    await configure({ name: 'daily', limit: { total: '3' } });
    await spend(3n * USD);
    expect(await windows()).toEqual([
      ['03-03T00:00', '03-03T00:00', USD / 2n, USD / 4n],
      ['03-03T00:00', 'open', 3n * USD, 3n * USD],
    ]);
  });

  it('is given up where someone else changes the plan over and over', async () => {
    await configure(DAILY);
    await test.database.$executeRawUnsafe(
      `CREATE FUNCTION test_faster() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    await test.database.$executeRawUnsafe(
      'CREATE TRIGGER test_faster BEFORE UPDATE ON budget FOR EACH ROW EXECUTE FUNCTION test_faster()',
    );
    try {
      await expect(configure({ ...DAILY, limit: { perDay: '1' } })).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining('budget global is changed'),
      });
      expect((await readPlan(test.database, 'global'))?.revision).toBe(1);
    } finally {
      await test.database.$executeRawUnsafe('DROP FUNCTION test_faster CASCADE');
    }
  });
});
