import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { nextTick } from '@orchestrator/shared/budget/cadence.ts';
import { budgetNow, readPlan } from '@orchestrator/shared/budget/phases.ts';
import { phaseAt } from '@orchestrator/shared/budget/plan.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

/** When the cadence of the current phase ticks next, in database time. After the last phase, as often as in the last. */
export async function nextTickAt(
  db: Database,
  config: Pick<OrchestratorConfig, 'budget'>,
): Promise<Date | { inMs: number }> {
  const plan = await readPlan(db, GLOBAL_BUDGET);
  const now = await budgetNow(db);
  const phase = plan && phaseAt(plan.phases, now);
  if (phase) return nextTick(phase, now);
  const last = config.budget.phases.at(-1);
  return { inMs: last?.every ?? 1_800_000 };
}
