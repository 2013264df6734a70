import { CONFIG_FILE } from '@orchestrator/shared/boot/repositories.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { followRepositoryPhases } from '@orchestrator/shared/budget/budgets-of.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import type { LoadedConfig } from '@orchestrator/shared/config/load.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { rememberAlertPercents } from './budget-upkeep.ts';
import type { RepositoryRef } from './repository.ts';

/**
 * Makes the budgets follow the configured phases. Where several repositories share the global one, none of them may change
 * it by a commit: then only the operator's own file does. A repository's own limit is no way around it.
 */
export async function followPlan(
  db: Database,
  repository: RepositoryRef,
  { config, sources }: LoadedConfig,
): Promise<void> {
  await followRepositoryPhases(db, repository.id, config.budget.repositoryPhases);
  const fromRepository = sources.get('budget.phases')?.startsWith(`${CONFIG_FILE}:`) ?? false;
  const fromOperator = !fromRepository && sources.get('budget.phases') !== 'default';
  const [existing, others] = await Promise.all([
    db.budget.count({ where: { id: GLOBAL_BUDGET } }),
    db.repository.count({ where: { id: { not: repository.id } } }),
  ]);
  if (existing > 0 && others > 0 && !fromOperator) return;
  await ensureBudget(db, config.budget.phases);
  await rememberAlertPercents(db, config.budget.alertPercents);
}
