import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { advanceIfExhausted, currentPhase, ensureBudget } from './phases.ts';
import { writeRevision } from './plan-sql.ts';

const START = '2026-03-01T08:00:00Z';
type PhaseInput = Parameters<typeof Phase.parse>[0];
const LAUNCH = { name: 'launch', limit: { total: '0.000000100' }, days: 10, advanceWhenExhausted: true };
const STEADY = { name: 'steady', limit: { perDay: '0.000000050' } };

describe('a phase that ends when its money is gone', () => {
  let test: BudgetDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    test = await budgetDatabase();
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });
  afterAll(() => test.close());
  beforeEach(() => test.empty(START));

  const configure = (...list: PhaseInput[]) =>
    ensureBudget(
      test.database,
      list.map((phase) => Phase.parse(phase)),
    );
  const reserve = async (amountNanoUsd: bigint) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    return attemptId;
  };
  const spend = async (amount: bigint) => ledger.settle({ attemptId: await reserve(amount), chargedNanoUsd: amount });
  const advance = (amount: bigint) => advanceIfExhausted(test.database, 'global', amount);
  const phase = async () => (await currentPhase(test.database))?.name;

  it('goes on while what is left is enough, to the last nano-dollar', async () => {
    await configure(LAUNCH, STEADY);
    await spend(60n);
    expect([await advance(40n), await phase()]).toEqual([false, 'launch']);
    expect([await advance(41n), await phase()]).toEqual([true, 'steady']);
  });

  it('goes on while a call is in flight: it may give back what is missing', async () => {
    await configure(LAUNCH, STEADY);
    const attemptId = await reserve(90n);
    expect([await advance(11n), await phase()]).toEqual([false, 'launch']);
    await ledger.settle({ attemptId, chargedNanoUsd: 89n });
    expect(await advance(11n)).toBe(false);
    expect(await advance(12n)).toBe(true);
  });

  it('goes on for an amount that it never had, and ends for the largest that it had', async () => {
    await configure(LAUNCH, STEADY);
    expect(await advance(10n)).toBe(false);
    await spend(1n);
    expect([await advance(101n), await phase()]).toEqual([false, 'launch']);
    expect([await advance(100n), await phase()]).toEqual([true, 'steady']);
  });

  it('goes on where it is the last, where nothing says that it ends, and after its end', async () => {
    await configure({ ...STEADY, advanceWhenExhausted: true });
    await spend(50n);
    expect(await advance(1n)).toBe(false);
    await expect(reserve(1n)).rejects.toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-03-02T00:00:00Z') });
    expect(await phase()).toBe('steady');

    await test.empty(START);
    await configure({ ...LAUNCH, advanceWhenExhausted: false }, STEADY);
    await spend(100n);
    expect([await advance(1n), await phase()]).toEqual([false, 'launch']);

    await test.empty(START);
    await configure(LAUNCH);
    await spend(100n);
    await test.clock.set('2026-03-20T00:00:00Z');
    expect([await advance(1n), await phase()]).toEqual([false, undefined]);
    expect(await advanceIfExhausted(test.database, 'none', 1n)).toBe(false);
  });

  it('ends once, however many look at once; a plan that was changed meanwhile is not written over', async () => {
    const plan = await configure(LAUNCH, STEADY);
    await spend(100n);
    const advanced = await Promise.all(Array.from({ length: 8 }, () => advance(1n)));
    expect(advanced.filter(Boolean)).toHaveLength(1);
    const late = { ...plan, reason: 'config' as const, now: new Date(START), window: null };
    expect(await writeRevision(test.database, late)).toBe(false);
    expect(await test.database.budgetPhase.count()).toBe(4);
  });
});
