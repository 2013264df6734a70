import { plannedAhead } from '@orchestrator/shared/budget/affordable.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import type { NanoUsd } from '@orchestrator/shared/budget/money.ts';
import { readPlan } from '@orchestrator/shared/budget/phases.ts';
import { type PlannedPhase, phaseAt, planPhases, revisePlan } from '@orchestrator/shared/budget/plan.ts';
import { currentWindows } from '@orchestrator/shared/budget/windows.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

/** The plan as it will be when the budget follows the configuration. */
export async function expectedPlan(
  db: Database,
  config: OrchestratorConfig,
  now: Date,
): Promise<readonly PlannedPhase[]> {
  const plan = await readPlan(db, GLOBAL_BUDGET);
  const current = plan && phaseAt(plan.phases, now);
  return current
    ? revisePlan(current, config.budget.phases, now)
    : (plan?.phases ?? planPhases(config.budget.phases, now));
}

/** What a task could use of the window of the moment; null: the window has not been opened, all of it is free. */
export async function freeNow(db: Database, predictedNanoUsd: NanoUsd): Promise<NanoUsd | null> {
  const [window] = await currentWindows(db, [GLOBAL_BUDGET]);
  if (!window) return null;
  const ahead = await plannedAhead(db, predictedNanoUsd);
  return window.frozenAt === null ? window.limitNanoUsd - window.settledNanoUsd - window.reservedNanoUsd - ahead : 0n;
}
