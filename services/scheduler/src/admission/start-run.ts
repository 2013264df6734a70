import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { addEvents, addStageRun } from '@orchestrator/shared/pipeline/end-run.ts';
import { MACHINE, SETTLED_STATES, type Stage } from '@orchestrator/shared/pipeline/machine.ts';
import { branchName } from '@orchestrator/shared/repo/branch-name.ts';
import type { RepositoryRef } from '../repository.ts';
import { MAY_START, type TaskState } from './candidates.ts';

const FIRST_STAGE: Stage = 'baseline';

/** Of a run and its messages: the larger, the sooner. */
export const PRIORITY = { high: 2, medium: 1, low: 0 } as const satisfies Record<TaskState['priority'], number>;

export interface StartedRun {
  readonly runId: string;
  readonly taskKey: string;
  readonly number: number;
}

/**
 * Starts a run in one transaction: run, first stage run, outbox row and event. null: the task changed, was removed, or
 * was started by another scheduler since it was looked at.
 */
export async function startRun(
  db: Database,
  { repository, task, branchPrefix }: { repository: RepositoryRef; task: TaskState; branchPrefix: string },
): Promise<StartedRun | null> {
  return db.$transaction(async (tx) => {
    const found = await lockTask(tx, task);
    if (!found) return null;
    const [last] = await tx.$queryRaw<{ number: number; active: boolean }[]>`
      SELECT coalesce(max(number) FILTER (WHERE task_revision = ${task.revision}), 0)::int AS number,
             coalesce(bool_or(state <> ALL (${[...SETTLED_STATES]}::text[])), false) AS active
      FROM run WHERE task_id = ${task.id}::uuid`;
    if (!last || last.active || (last.number > 0 && !found.retry)) return null;
    const number = last.number + 1;
    const branch = branchName(`${branchPrefix}${task.key}`);
    const run = await tx.run.create({
      data: {
        taskId: task.id,
        taskRevision: task.revision,
        number,
        state: MACHINE[FIRST_STAGE].during,
        baseCommit: found.baseCommit,
        branch,
        priority: PRIORITY[task.priority],
      },
      select: { id: true },
    });
    if (found.retry) await tx.task.update({ where: { id: task.id }, data: { retryRequestedAt: null } });
    await addStageRun(tx, run.id, FIRST_STAGE, 1);
    const data = {
      task: task.key,
      title: task.title,
      repository: repository.name,
      branch,
      baseCommit: found.baseCommit,
      priority: task.priority,
      revision: task.revision,
      number,
    };
    await addEvents(tx, run.id, [{ type: 'run.started', data }]);
    return { runId: run.id, taskKey: task.key, number };
  });
}

/** Holds the task's row, so that of several schedulers the second sees what the first has done. */
async function lockTask(tx: Transaction, task: TaskState): Promise<{ retry: boolean; baseCommit: string } | undefined> {
  const rows = await tx.$queryRaw<{ retry: boolean; baseCommit: string }[]>`
    SELECT t.retry_requested_at IS NOT NULL AS retry, p.head_commit AS "baseCommit"
    FROM task t JOIN repository p ON p.id = t.repository_id
    WHERE t.id = ${task.id}::uuid AND t.revision = ${task.revision} AND ${MAY_START} AND NOT p.paused AND p.head_commit IS NOT NULL
    FOR NO KEY UPDATE OF t`;
  return rows[0];
}
