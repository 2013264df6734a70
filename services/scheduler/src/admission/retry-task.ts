import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { isActive, taskStates, wantsRun } from './candidates.ts';

export interface TaskOf {
  readonly repositoryId: string;
  readonly taskKey: string;
}

/**
 * Asks for another run of a task; the next admission starts it. `first`: the task had no run of this text yet, so that
 * nothing had to be asked for. Throws TASK_UNKNOWN, and USAGE while a run is in progress.
 */
export async function retryTask(db: Database, { repositoryId, taskKey }: TaskOf): Promise<'asked' | 'first'> {
  const task = (await taskStates(db, repositoryId)).find(({ key, status }) => key === taskKey && status !== 'removed');
  if (!task) throw new AppError('TASK_UNKNOWN', { task: taskKey });
  if (isActive(task)) {
    throw new AppError('USAGE', { message: `Task ${taskKey} is being worked on; cancel its run first.` });
  }
  if (task.skipped) await db.task.update({ where: { id: task.id }, data: { skippedRevision: null } });
  if (wantsRun(task)) return 'first';
  await db.$executeRaw`UPDATE task SET retry_requested_at = now() WHERE id = ${task.id}::uuid`;
  return 'asked';
}
