import type { Database } from '@orchestrator/shared/db/client.ts';
import { StaleClaim } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Published } from '../platforms/platform.ts';

export interface PublicationRow {
  readonly branch: string;
  readonly headCommit: string;
  readonly patchPath: string;
  readonly published: Published;
}

/** Writes the row of the branch, in the name of this run. Throws StaleClaim if another worker has taken the stage. */
export async function recordPublication(
  db: Database,
  { run, task, repository, stageRun }: Pick<StageContext, 'run' | 'task' | 'repository' | 'stageRun'>,
  { branch, headCommit, patchPath, published }: PublicationRow,
): Promise<void> {
  const values = {
    runId: run.id,
    taskKey: task.key,
    number: published.number,
    url: published.url,
    state: published.state,
    baseCommit: run.baseCommit,
    headCommit,
    patchPath,
    mergedAt: null,
    closedAt: null,
  };
  await db.$transaction(async (tx) => {
    const held = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM stage_run WHERE id = ${stageRun.id}::uuid AND fence = ${stageRun.fence} AND state = 'running' FOR SHARE`;
    if (held.length === 0) throw new StaleClaim();
    const where = { repositoryId_branch: { repositoryId: repository.id, branch } };
    await tx.pullRequest.upsert({ where, create: { ...values, repositoryId: repository.id, branch }, update: values });
  });
}
