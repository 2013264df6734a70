import type { Database } from '@orchestrator/shared/db/client.ts';
import { type TaskState, taskStates } from '../admission/candidates.ts';
import type { ParsedTask } from '../task-file/parsed-task.ts';

/** A task of the file as its row would be after the next reading. */
export interface ExpectedTask {
  readonly parsed: ParsedTask;
  readonly state: TaskState;
}

const PRIORITY_ORDER = { high: 0, medium: 1, low: 2 } as const;

/** Joins the file with what the database knows of earlier runs, without writing, in the order of admission. */
export async function expectedStates(
  db: Database,
  repositoryId: string | null,
  tasks: readonly ParsedTask[],
): Promise<ExpectedTask[]> {
  const rows = repositoryId === null ? [] : await taskStates(db, repositoryId);
  const hashes =
    repositoryId === null
      ? []
      : await db.task.findMany({ where: { repositoryId }, select: { key: true, textHash: true } });
  const rowOf = new Map(rows.map((row) => [row.key, row]));
  const hashOf = new Map(hashes.map(({ key, textHash }) => [key, textHash]));
  return tasks
    .map((parsed) => ({ parsed, state: expected(parsed, rowOf.get(parsed.key), hashOf.get(parsed.key)) }))
    .sort(
      (a, b) =>
        PRIORITY_ORDER[a.parsed.priority] - PRIORITY_ORDER[b.parsed.priority] || a.parsed.position - b.parsed.position,
    );
}

function expected(parsed: ParsedTask, row: TaskState | undefined, textHash: string | undefined): TaskState {
  const { key, title, priority, dependsOn, budgetNanoUsd } = parsed;
  const edited = row !== undefined && textHash !== parsed.textHash;
  const restored = row?.status === 'removed' && row.runState === 'cancelled';
  const wished = edited ? undefined : row;
  const { approved = false, skipped = false } = wished ?? {};
  const mayStart = !skipped && (parsed.status === 'ready' || approved);
  const status = parsed.status === 'done' ? 'done' : mayStart ? 'ready' : 'blocked';
  return {
    ...{ key, title, status, mistaken: false, approved, skipped, priority, dependsOn, budgetNanoUsd },
    id: row?.id ?? '',
    revision: (row?.revision ?? 1) + (edited ? 1 : 0),
    retryRequested: !edited && ((row?.retryRequested ?? false) || restored),
    runState: row?.runState ?? null,
    runRevision: row?.runRevision ?? null,
  };
}
