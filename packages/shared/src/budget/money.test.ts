import { describe, expect, it } from 'vitest';
import { GLOBAL_BUDGET, isTaskBudget, repositoryBudget, repositoryOf, taskBudget } from './budget-ids.ts';
import { formatUsd, largestOf, NANO_PER_USD, smallestOf } from './money.ts';
import { sqlState } from './sql-state.ts';
import { type CallCost, sumTaskCost } from './task-cost.ts';

describe('money', () => {
  it('is shown with the digits asked for, cut and not rounded', () => {
    expect(formatUsd(1_234_567_891n)).toBe('$1.2345');
    expect(formatUsd(1_999_999_999n, 2)).toBe('$1.99');
    expect(formatUsd(5n, 9)).toBe('$0.000000005');
    expect(formatUsd(30n * NANO_PER_USD, 0)).toBe('$30');
    expect(formatUsd(-1_500_000_000n, 1)).toBe('-$1.5');
    expect(formatUsd(0n)).toBe('$0.0000');
  });

  it('has a largest and a smallest amount', () => {
    expect([largestOf([3n, 9n, 1n]), largestOf([]), smallestOf([3n, 9n, 1n]), smallestOf([])]).toEqual([
      9n,
      0n,
      1n,
      0n,
    ]);
  });
});

describe('the id of a budget', () => {
  it('tells what it belongs to', () => {
    expect([GLOBAL_BUDGET, repositoryBudget('r'), taskBudget('t')]).toEqual(['global', 'repository:r', 'task:t']);
    expect([taskBudget('t'), repositoryBudget('t'), GLOBAL_BUDGET, 'my-task:'].map(isTaskBudget)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([repositoryBudget('r'), taskBudget('r'), GLOBAL_BUDGET, 'my repository:r'].map(repositoryOf)).toEqual([
      'r',
      null,
      null,
      null,
    ]);
  });
});

describe('the cost of a task', () => {
  const call = (role: 'analyzer' | 'coder', worstNanoUsd: bigint, predictedNanoUsd: bigint): CallCost => ({
    role,
    model: 'm',
    worstNanoUsd,
    predictedNanoUsd,
    observedCalls: 0,
  });
  const withTenth = (amount: bigint) => (amount * 11n) / 10n;

  it('needs at each call what was probably spent before and all that the call holds', () => {
    expect(
      sumTaskCost([call('analyzer', 100n, 20n), call('coder', 50n, 30n), call('coder', 50n, 30n)], withTenth),
    ).toMatchObject({
      predictedNanoUsd: 80n,
      worstNanoUsd: 200n,
      // The first call holds 110; the last needs 20 + 30 + 55.
      neededNanoUsd: 110n,
      largestCallNanoUsd: 110n,
    });
    expect(
      sumTaskCost([call('analyzer', 10n, 10n), call('coder', 50n, 50n), call('coder', 50n, 50n)], withTenth),
    ).toMatchObject({
      predictedNanoUsd: 110n,
      neededNanoUsd: 115n,
      largestCallNanoUsd: 55n,
    });
    expect(sumTaskCost([], withTenth)).toMatchObject({ predictedNanoUsd: 0n, neededNanoUsd: 0n });
  });
});

describe('the state of a database error', () => {
  it('is found where Prisma puts it, and is none elsewhere', () => {
    expect(sqlState({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '23505' } } } })).toBe(
      '23505',
    );
    expect(sqlState({ cause: { cause: { originalCode: '25006' } } })).toBe('25006');
    const nested = (depth: number): unknown => (depth === 0 ? { originalCode: '40001' } : { cause: nested(depth - 1) });
    expect([sqlState(nested(5)), sqlState(nested(6))]).toEqual(['40001', null]);
    for (const other of [null, undefined, 'text', new Error('no'), { meta: null }, { originalCode: 5 }])
      expect(sqlState(other)).toBeNull();
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(sqlState(loop)).toBeNull();
  });
});
