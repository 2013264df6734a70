import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import type { RunState } from '@orchestrator/shared/pipeline/machine.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';

/** A task of the file with the state of its latest run. */
export interface TaskState {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly revision: number;
  readonly status: 'ready' | 'blocked' | 'removed' | 'done';
  readonly priority: 'high' | 'medium' | 'low';
  readonly dependsOn: readonly string[];
  readonly budgetNanoUsd: bigint | null;
  readonly retryRequested: boolean;
  /** Blocked by a mistake in the file. */
  readonly mistaken: boolean;
  /** A person let it start although it is blocked in the file. */
  readonly approved: boolean;
  /** Blocked because a person left it out. */
  readonly skipped: boolean;
  /** Of its latest run, whichever text that worked on; null: it never ran. */
  readonly runState: RunState | null;
  readonly runRevision: number | null;
}

/** Of `task t`: what the file says, and what people wish of this revision beside it. */
export const MAY_START = Prisma.sql`
  ((t.status = 'ready' OR (t.status = 'blocked' AND NOT t.mistaken AND t.approved_revision = t.revision))
    AND t.skipped_revision IS DISTINCT FROM t.revision)`;

/** The tasks of a repository in the order in which they are to be done: priority, then the order of the file. */
export async function taskStates(db: Pick<Database, '$queryRaw'>, repositoryId: string): Promise<TaskState[]> {
  return db.$queryRaw`
    SELECT t.id, t.key, t.title, t.revision, t.priority, t.mistaken, t.approved_revision IS NOT DISTINCT FROM t.revision AS approved,
           t.skipped_revision IS NOT DISTINCT FROM t.revision AS skipped,
           CASE WHEN t.status IN ('ready', 'blocked') THEN CASE WHEN ${MAY_START} THEN 'ready' ELSE 'blocked' END ELSE t.status END AS status, t.depends_on AS "dependsOn",
           t.budget_nano_usd AS "budgetNanoUsd", t.retry_requested_at IS NOT NULL AS "retryRequested",
           latest.state AS "runState", latest.task_revision AS "runRevision"
    FROM task t
    LEFT JOIN LATERAL (
      SELECT r.state, r.task_revision FROM run r WHERE r.task_id = t.id ORDER BY r.task_revision DESC, r.number DESC LIMIT 1
    ) latest ON true
    WHERE t.repository_id = ${repositoryId}::uuid
    ORDER BY CASE t.priority WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, t.position, t.key`;
}

/** Something works on it, or waits to. */
export const isActive = ({ runState }: Pick<TaskState, 'runState'>): boolean =>
  runState !== null && !SETTLED_STATES.includes(runState);

/** Its text has not been worked on yet, or a person asked for another run. */
export const wantsRun = (task: TaskState): boolean => task.retryRequested || task.runRevision !== task.revision;
