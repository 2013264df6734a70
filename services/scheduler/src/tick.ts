import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import { type Admission, admit } from './admission/admit.ts';
import type { Affordable } from './admission/affordable.ts';
import { type SyncedTasks, syncTasks } from './intake/sync-tasks.ts';
import type { RepositoryRef } from './repository.ts';
import { fetchHead } from './repository-head.ts';

/** Makes the question that admission asks about money, for a configuration. */
export type AffordableFor = (config: OrchestratorConfig) => Affordable | Promise<Affordable>;

export interface TickOptions {
  readonly db: Database;
  readonly repositories: Repositories;
  readonly repository: RepositoryRef;
  readonly affordableFor: AffordableFor;
  readonly log: Logger;
  /** Runs to start at most. Default: pipeline.tasksPerTick. */
  readonly limit?: number;
  /** Only this task. */
  readonly only?: string;
  readonly signal?: AbortSignal;
}

export interface TickResult extends Admission {
  readonly synced: SyncedTasks;
  readonly config: OrchestratorConfig;
}

/** One tick of one repository: fetch it, mirror its task file, start the best tasks. Throws what its parts throw. */
export async function tickOnce(options: TickOptions): Promise<TickResult> {
  const { db, repositories, repository, affordableFor, log, limit, only, signal } = options;
  const { mirror, config } = await fetchHead(repositories, repository.url, signal);
  const synced = await syncTasks({ db, mirror, repository, config, log });
  const affordable = await affordableFor(config);
  const admission = await admit({
    db,
    repository,
    config,
    affordable,
    ...(limit === undefined ? {} : { limit }),
    ...(only === undefined ? {} : { only }),
  });
  for (const { taskKey, runId } of admission.admitted)
    log.info({ repository: repository.name, task: taskKey, run: runId }, 'run started');
  return { synced, config, ...admission };
}
