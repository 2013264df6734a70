import { randomUUID } from 'node:crypto';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { addStageRun } from '@orchestrator/shared/pipeline/end-run.ts';
import { MACHINE, type Stage } from '@orchestrator/shared/pipeline/machine.ts';

export interface SeededRun {
  readonly repositoryId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly stageRunId: string;
}

/** Rows of a repository, a task and a run whose `stage` is pending and announced, as admission leaves them. */
export async function seedRun(
  db: Database,
  options: {
    stage?: Stage;
    repositoryId?: string;
    priority?: number;
    url?: string;
    baseCommit?: string;
    budgetNanoUsd?: bigint;
    createdAgoMs?: number;
  } = {},
): Promise<SeededRun> {
  const stage = options.stage ?? 'baseline';
  const key = `task_${randomUUID().slice(0, 8)}`;
  const repositoryId =
    options.repositoryId ??
    (
      await db.repository.create({
        data: { url: options.url ?? `/nowhere/${key}`, name: 'seeded', defaultBranch: 'main' },
      })
    ).id;
  const task = await db.task.create({
    data: {
      repositoryId,
      key,
      title: 'A task',
      body: 'Do it.',
      textHash: 'hash',
      file: 'docs/PLUGIN-TASKS.md',
      line: 1,
      position: 0,
      ...(options.budgetNanoUsd === undefined ? {} : { budgetNanoUsd: options.budgetNanoUsd }),
    },
  });
  const run = await db.run.create({
    data: {
      taskId: task.id,
      taskRevision: 1,
      state: MACHINE[stage].during,
      baseCommit: options.baseCommit ?? '0'.repeat(40),
      priority: options.priority ?? 0,
      ...(options.createdAgoMs === undefined ? {} : { createdAt: new Date(Date.now() - options.createdAgoMs) }),
    },
  });
  const stageRunId = await db.$transaction((tx) => addStageRun(tx, run.id, stage, 1));
  return { repositoryId, taskId: task.id, runId: run.id, stageRunId };
}
