import { ensureRepository, isTickDue, rememberNextTick, watchPullsOnce } from '@orchestrator/embedded/scheduling.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { readPlan } from '@orchestrator/shared/budget/phases.ts';
import { hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import type { CommandContext } from '../command.ts';
import { execute } from '../run/execute.ts';
import type { RunReport } from '../run/run-report.ts';
import type { System, Target } from '../system.ts';

export interface WorkOptions {
  readonly system: System;
  readonly target: Target;
  readonly task: string | undefined;
  /** Whether its tick is due or not. */
  readonly now: boolean;
}

/** One wake-up: what people did with the pull requests is looked at, one tick, and all that has begun is worked on. */
export async function work(context: CommandContext, { system, target, task, now }: WorkOptions): Promise<RunReport> {
  const { db, env, repositories, log } = system;
  const repository = await ensureRepository(db, target);
  const { config } = target.loaded;
  // A wake-up for work that was cut off starts nothing new: the cadence is that of the phase.
  const limit = now || (await isTickDue(db, repository)) ? undefined : 0;
  // Set before the work: another wake-up in the meantime has nothing to do. Before the first tick there is no budget yet.
  if (await readPlan(db, GLOBAL_BUDGET)) await rememberNextTick(db, repository, config);
  if (hasGitHub(env)) await watchPullsOnce({ db, env, repositories, log });
  const report = await execute({ ...context, system: async () => system }, { target, task, maxTicks: 1, limit });
  await rememberNextTick(db, repository, config);
  // None of them had a turn, so there is nothing to tell of why.
  return limit === 0 ? { ...report, skipped: [] } : report;
}
