import { type Affordability, taskAffordability } from '@orchestrator/shared/budget/affordable.ts';
import { taskBudget } from '@orchestrator/shared/budget/budget-ids.ts';
import { budgetsOf } from '@orchestrator/shared/budget/budgets-of.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import type { NanoUsd } from '@orchestrator/shared/budget/money.ts';
import { budgetNow } from '@orchestrator/shared/budget/phases.ts';
import { type TaskCost, taskCost } from '@orchestrator/shared/budget/task-cost.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

export type { Affordability } from '@orchestrator/shared/budget/affordable.ts';

/** A task that may start, as far as money is concerned. */
export interface PricedTask {
  readonly id: string;
  readonly key: string;
  readonly repositoryId: string;
  readonly budgetNanoUsd: NanoUsd | null;
}

/** Whether a specification, a change and the planned repairs can be paid for now; otherwise why not, and from when on. */
export type Affordable = (task: PricedTask) => Promise<Affordability>;

/** Makes the question for a configuration. */
export type AffordableFor = (config: OrchestratorConfig) => Affordable | Promise<Affordable>;

/** Asks the ledger. The cost of a task is looked up once, so make a new one for each tick. */
export async function affordableFrom(db: Database, config: OrchestratorConfig): Promise<Affordable> {
  const cost = await currentTaskCost(db, config);
  return async (task) => {
    const answer = await taskAffordability(db, config, { budgetIds: await budgetsOf(db, task), cost });
    if (answer.kind === 'AFFORDABLE') return answer;
    const own = `the budget "${taskBudget(task.id)}"`;
    return { ...answer, reason: answer.reason.replace(own, 'its own budget (TASK_BUDGET_USD)') };
  };
}

export async function currentTaskCost(db: Database, config: OrchestratorConfig): Promise<TaskCost> {
  const ledger = new Ledger(db);
  return taskCost(db, config, { now: await budgetNow(db), heldFor: (amount) => ledger.heldFor(amount) });
}
