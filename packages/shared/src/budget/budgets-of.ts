import type { Database } from '../db/client.ts';
import { GLOBAL_BUDGET, taskBudget } from './budget-ids.ts';
import type { NanoUsd } from './money.ts';
import { ensureBudget } from './phases.ts';

/** A task's budget has no cadence of its own; the field must hold something. */
const NO_CADENCE_MS = 86_400_000;

/** The budgets that every call for a task counts against. A task with a limit of its own gets one, made at the first look. */
export async function budgetsOf(
  db: Database,
  task: { readonly id: string; readonly budgetNanoUsd: NanoUsd | null },
): Promise<string[]> {
  if (task.budgetNanoUsd === null) return [GLOBAL_BUDGET];
  const id = taskBudget(task.id);
  await ensureBudget(
    db,
    [{ name: 'task', limit: { total: task.budgetNanoUsd }, every: NO_CADENCE_MS, advanceWhenExhausted: false }],
    id,
  );
  return [GLOBAL_BUDGET, id];
}
