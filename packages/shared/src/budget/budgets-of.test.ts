import { randomUUID } from 'node:crypto';
import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OrchestratorConfig, Phase } from '../config/schema.ts';
import { affordability, plannedAhead, taskAffordability } from './affordable.ts';
import { budgetsOf, followRepositoryPhases } from './budgets-of.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget, readPlan } from './phases.ts';
import type { TaskCost } from './task-cost.ts';

const REPOSITORY = randomUUID();
const OTHER = randomUUID();
const daily = (usd: string) => [Phase.parse({ name: 'daily', limit: { perDay: usd } })];

describe('the budgets of a task', () => {
  let test: BudgetDatabase;
  beforeAll(async () => {
    test = await budgetDatabase();
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty('2026-11-01T08:00:00Z');
    await ensureBudget(test.database, daily('0.50'));
  });

  const task = { id: randomUUID(), repositoryId: REPOSITORY, budgetNanoUsd: null };
  const limits = async (id: string) => (await readPlan(test.database, id))?.phases.map((phase) => phase.limitNanoUsd);

  it("are the global one, its repository's while that has a limit, and its own where it has one", async () => {
    expect(await budgetsOf(test.database, task)).toEqual(['global']);
    await followRepositoryPhases(test.database, REPOSITORY, daily('0.20'));
    expect(await budgetsOf(test.database, task)).toEqual(['global', `repository:${REPOSITORY}`]);
    expect(await budgetsOf(test.database, { ...task, repositoryId: OTHER })).toEqual(['global']);
    expect(await budgetsOf(test.database, { ...task, budgetNanoUsd: 7n })).toEqual([
      'global',
      `repository:${REPOSITORY}`,
      `task:${task.id}`,
    ]);
    expect(await limits(`task:${task.id}`)).toEqual([7n]);
    expect(await limits(`repository:${REPOSITORY}`)).toEqual([200_000_000n]);
  });

  it('follow the configuration of the repository, and keep their history when the limit is lifted', async () => {
    await followRepositoryPhases(test.database, REPOSITORY, undefined);
    await followRepositoryPhases(test.database, REPOSITORY, daily('0.20'));
    const budgetIds = await budgetsOf(test.database, task);
    const ledger = new Ledger(test.database, { cushionPerMille: 0 });
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds, amountNanoUsd: 150_000_000n, deadlineMs: 1_000 });
    await ledger.settle({ attemptId, chargedNanoUsd: 150_000_000n });

    await followRepositoryPhases(test.database, REPOSITORY, daily('0.30'));
    expect(await limits(`repository:${REPOSITORY}`)).toEqual([300_000_000n]);
    await followRepositoryPhases(test.database, REPOSITORY, undefined);
    expect(await budgetsOf(test.database, task)).toEqual(['global']);
    await followRepositoryPhases(test.database, REPOSITORY, daily('0.20'));
    const ask = (amountNanoUsd: bigint) =>
      affordability(test.database, { budgetIds, amountNanoUsd, deadlineMs: 1_000 });
    expect(await ask(50_000_000n)).toEqual({ kind: 'AFFORDABLE' });
    expect(await ask(50_000_001n)).toEqual({
      kind: 'WAIT_WINDOW',
      until: new Date('2026-11-02T00:00:00Z'),
      reason: "$0.0500 may be needed, and the repository's own budget does not have it before its next window.",
    });
  });

  it('set aside what the runs of the repository need, not what those of others do', async () => {
    const mine = await seedRun(test.database);
    const another = await seedRun(test.database);
    await seedRun(test.database, { repositoryId: another.repositoryId });
    const ahead = (repositoryId?: string) => plannedAhead(test.database, 10n, repositoryId);
    expect(await Promise.all([ahead(), ahead(mine.repositoryId), ahead(another.repositoryId)])).toEqual([
      30n,
      10n,
      20n,
    ]);
    await test.database.run.update({ where: { id: mine.runId }, data: { state: 'publishing' } });
    expect(await Promise.all([ahead(), ahead(mine.repositoryId)])).toEqual([20n, 0n]);

    await followRepositoryPhases(test.database, another.repositoryId, daily('0.000000035'));
    const budgetIds = await budgetsOf(test.database, { ...task, repositoryId: another.repositoryId });
    const config = OrchestratorConfig.parse({});
    const cost = (neededNanoUsd: bigint): TaskCost => ({
      calls: [],
      predictedNanoUsd: 10n,
      worstNanoUsd: neededNanoUsd,
      neededNanoUsd,
      largestCallNanoUsd: 1n,
    });
    const ask = (needed: bigint) => taskAffordability(test.database, config, { budgetIds, cost: cost(needed) });
    // Two runs of the repository may still need 20 of its 35.
    expect(await ask(15n)).toEqual({ kind: 'AFFORDABLE' });
    await test.database.run.updateMany({ data: { state: 'publishing' } });
    const ledger = new Ledger(test.database, { cushionPerMille: 0 });
    await ledger.reserve({ attemptId: newAttemptId(), budgetIds, amountNanoUsd: 1n, deadlineMs: 1_000 });
    expect(await ask(34n)).toEqual({ kind: 'AFFORDABLE' });
    expect(await ask(35n)).toMatchObject({ kind: 'WAIT_SETTLING' });
  });
});
