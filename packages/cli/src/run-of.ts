import { userInfo } from 'node:os';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { RunState } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';
import type { CommandContext } from './command.ts';
import { repositoryOf } from './repository-of.ts';

export interface FoundRun {
  readonly id: string;
  readonly state: RunState;
  readonly taskKey: string;
}

/** The run of this id, or the latest of the task of this id. Throws TASK_UNKNOWN, and what `repositoryOf` throws. */
export async function runOf(context: CommandContext, task: string, repo: string | undefined): Promise<FoundRun> {
  const { db } = await context.system();
  const where = isRunId(task)
    ? { id: task }
    : { task: { key: task, repositoryId: (await repositoryOf(context, repo)).id } };
  const found = await db.run.findFirst({
    where,
    orderBy: { createdAt: 'desc' },
    select: { id: true, state: true, task: { select: { key: true } } },
  });
  if (found === null) throw new AppError('TASK_UNKNOWN', { task });
  return { id: found.id, state: found.state as RunState, taskKey: found.task.key };
}

export const isRunId = (text: string): boolean => z.uuid().safeParse(text).success;

/** Who is at the keyboard, for the record of interventions. */
export function actorOf(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without a name, as in a container.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}
