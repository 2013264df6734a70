import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { StaleClaim } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import { settleRun } from '@orchestrator/shared/pipeline/end-run.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Published } from '@orchestrator/shared/publish/platform.ts';

export interface PublicationRow {
  readonly branch: string;
  readonly headCommit: string;
  readonly patchPath: string;
  readonly published: Published;
}

/** The row before this publication. */
interface StandingRow {
  readonly id: string;
  readonly runId: string;
  readonly number: number | null;
}

/**
 * Writes the row of the pull request, or of the branch where there is none, in the name of this run. Earlier runs of the
 * task whose change stood there are replaced by it. Throws StaleClaim if another worker has taken the stage.
 */
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
    const same = { repositoryId: repository.id, branch };
    // A branch that was published without a platform becomes the pull request.
    const before = await tx.pullRequest.findFirst({
      where: { ...same, OR: [{ number: published.number }, { number: null }] },
      orderBy: { number: { sort: 'asc', nulls: 'last' } },
    });
    if (before === null) await tx.pullRequest.create({ data: { ...values, ...same } });
    else {
      const offered = before.headCommit === headCommit ? {} : { offeredAt: new Date() };
      await tx.pullRequest.update({ where: { id: before.id }, data: { ...values, ...offered } });
    }
    await replaceEarlierRuns(tx, { runId: run.id, pullRequest: before });
  });
}

/** Runs of the task in review, whose change is no longer offered. */
async function replaceEarlierRuns(
  tx: Transaction,
  { runId, pullRequest }: { readonly runId: string; readonly pullRequest: StandingRow | null },
): Promise<void> {
  const earlier = await tx.$queryRaw<{ id: string }[]>`
    SELECT e.id FROM run r JOIN run e ON e.task_id = r.task_id
    WHERE r.id = ${runId}::uuid AND e.id <> r.id AND e.state = 'in_review' FOR UPDATE OF e`;
  for (const { id } of earlier) {
    const { code, message } = new AppError('RUN_SUPERSEDED', { run: runId });
    await settleRun(tx, id, 'cancelled', { code, message });
    if (pullRequest?.runId !== id || pullRequest.number === null) continue;
    const outcome = { pullRequestId: pullRequest.id, number: pullRequest.number, runId: id };
    await tx.pullOutcome.upsert({
      where: { pullRequestId_runId: { pullRequestId: pullRequest.id, runId: id } },
      create: { ...outcome, result: 'superseded' },
      update: { result: 'superseded', cause: null },
    });
  }
}
