import type { Phase } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import { storeSetting } from '../db/setting.ts';
import { GLOBAL_BUDGET, repositoryBudget, taskBudget } from './budget-ids.ts';
import type { NanoUsd } from './money.ts';
import { ensureBudget } from './phases.ts';

/** A task's budget has no cadence of its own; the field must hold something. */
const NO_CADENCE_MS = 86_400_000;

/** The setting that says whether a repository has a budget of its own now: a budget is kept, a limit may be lifted. */
const limitedKey = (repositoryId: string): string => `budget.limited:${repositoryId}`;

/** Makes the budget of a repository follow its configured phases; without phases it has no limit of its own any more. */
export async function followRepositoryPhases(
  db: Database,
  repositoryId: string,
  phases: readonly Phase[] | undefined,
): Promise<void> {
  const key = limitedKey(repositoryId);
  if (phases === undefined) {
    await db.setting.deleteMany({ where: { key } });
    return;
  }
  await ensureBudget(db, phases, repositoryBudget(repositoryId));
  await storeSetting(db, key, true);
}

/**
 * The budgets that every call for a task counts against: the global one, its repository's where that has one, and its
 * own where it has a limit, made at the first look.
 */
export async function budgetsOf(
  db: Database,
  task: { readonly id: string; readonly repositoryId: string; readonly budgetNanoUsd: NanoUsd | null },
): Promise<string[]> {
  const limited = (await db.setting.count({ where: { key: limitedKey(task.repositoryId) } })) > 0;
  const shared = limited ? [GLOBAL_BUDGET, repositoryBudget(task.repositoryId)] : [GLOBAL_BUDGET];
  if (task.budgetNanoUsd === null) return shared;
  const id = taskBudget(task.id);
  await ensureBudget(
    db,
    [{ name: 'task', limit: { total: task.budgetNanoUsd }, every: NO_CADENCE_MS, advanceWhenExhausted: false }],
    id,
  );
  return [...shared, id];
}
