import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import { type Admission, admit } from './admission/admit.ts';
import { type AffordableFor, affordableFrom } from './admission/affordable.ts';
import { followPlan } from './follow-plan.ts';
import { type SyncedTasks, syncTasks } from './intake/sync-tasks.ts';
import { keepLessons } from './lesson-upkeep.ts';
import type { RepositoryRef } from './repository.ts';
import { fetchHead } from './repository-head.ts';

export interface TickOptions {
  readonly db: Database;
  readonly repositories: Repositories;
  readonly repository: RepositoryRef;
  readonly log: Logger;
  /** What admission asks about money. Default: the ledger. */
  readonly affordableFor?: AffordableFor;
  /** Runs to start at most. Default: pipeline.tasksPerTick. */
  readonly limit?: number | undefined;
  /** Only this task. */
  readonly only?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TickResult extends Admission {
  readonly synced: SyncedTasks;
  readonly config: OrchestratorConfig;
}

/** One tick of one repository: fetch it, mirror its task file, start the best tasks. Throws what its parts throw. */
export async function tickOnce(options: TickOptions): Promise<TickResult> {
  const { db, repositories, repository, log, limit, only, signal } = options;
  const { mirror, commit, loaded } = await fetchHead(repositories, repository.url, signal);
  const { config } = loaded;
  await followPlan(db, repository, loaded);
  await keepLessons({ db, repository, mirror, commit, config, log });
  const synced = await syncTasks({ db, mirror, repository, config, log });
  const affordable = await (options.affordableFor?.(config) ?? affordableFrom(db, config));
  const admission = await admit({ db, repository, config, affordable, limit, only });
  for (const { taskKey, runId } of admission.admitted) {
    log.info({ repository: repository.name, task: taskKey, run: runId }, 'run started');
  }
  return { synced, config, ...admission };
}
