import type { Logger } from 'pino';
import { budgetsOf } from '../budget/budgets-of.ts';
import { AppError } from '../errors/app-error.ts';
import type { ModelClientOptions } from '../models/client.ts';
import type { ModelClient } from '../models/types.ts';
import type { Claim } from '../pipeline/claim.ts';
import { confirmHeld } from '../pipeline/heartbeat.ts';
import type { StageContext } from '../pipeline/stage.ts';
import type { Resources } from './resources.ts';

/** Tells people who watch what a run is doing now. */
export type ProgressListener = (progress: { runId: string; stage: string; round: number; text: string }) => void;

/** Gathers what a processor may use for a claim. Throws AppError: repository gone, configuration invalid. */
export async function stageContext(
  resources: Pick<Resources, 'db' | 'env' | 'ledger' | 'repositories' | 'keep'>,
  held: Claim,
  signal: AbortSignal,
  log: Logger,
  onProgress: ProgressListener,
): Promise<StageContext> {
  const { db, env, ledger, repositories, keep } = resources;
  const run = await db.run.findUniqueOrThrow({
    where: { id: held.runId },
    include: { task: { include: { repository: true } } },
  });
  const { task } = run;
  const { repository } = task;
  const mirror = await repositories.mirror(repository.url, signal);
  // A worker that joined later, or whose disk was lost, has to fetch the base again.
  if ((await mirror.resolve(run.baseCommit)) === null) await mirror.refresh(signal);
  if ((await mirror.resolve(run.baseCommit)) === null) {
    throw new AppError('REPO_UNREACHABLE', {
      repo: repository.url,
      reason: `the base commit ${run.baseCommit} is no longer there`,
    });
  }
  const { config } = await repositories.config(mirror, run.baseCommit);
  const taskLog = log.child({ task: task.key });
  return {
    run: {
      id: run.id,
      baseCommit: run.baseCommit,
      round: run.round,
      branch: run.branch ?? `${config.publish.branchPrefix}${task.key}`,
    },
    task: {
      id: task.id,
      key: task.key,
      title: task.title,
      body: task.body,
      module: task.module,
      language: task.language,
      criteria: task.criteria,
      documents: task.documents,
    },
    repository: {
      id: repository.id,
      url: repository.url,
      name: repository.name,
      defaultBranch: repository.defaultBranch ?? 'main',
    },
    stageRun: { id: held.stageRunId, stage: held.stage, round: held.round, fence: held.fence },
    config,
    env,
    db,
    mirror,
    models: modelsWhenAsked({
      db,
      ledger,
      env,
      config,
      budgetIds: await budgetsOf(db, task),
      runId: run.id,
      stageRunId: held.stageRunId,
      log: taskLog,
    }),
    async artifact(kind, round) {
      const found = await db.artifact.findFirst({
        where: { runId: run.id, kind, ...(round === undefined ? {} : { round }) },
        orderBy: { round: 'desc' },
        select: { content: true },
      });
      return found?.content ?? null;
    },
    signal,
    async confirmHeld() {
      await confirmHeld(db, held);
      await keep?.();
    },
    log: taskLog,
    progress: (text) => onProgress({ runId: run.id, stage: held.stage, round: held.round, text }),
  };
}

/** The vendors' libraries take tens of megabytes: only a stage that asks a model loads them. */
function modelsWhenAsked(options: ModelClientOptions): ModelClient {
  let client: Promise<ModelClient> | undefined;
  return {
    async generate(request, signal) {
      client ??= import('../models/client.ts').then(({ createModelClient }) => createModelClient(options));
      return (await client).generate(request, signal);
    },
  };
}
