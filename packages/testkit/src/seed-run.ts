import { randomUUID } from 'node:crypto';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { announce } from '@orchestrator/shared/pipeline/announce.ts';
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

/** Many runs of one repository, pending and announced; much faster than one by one. */
export async function seedManyRuns(db: Database, count: number, stage: Stage = 'baseline'): Promise<string> {
  const url = `/nowhere/${randomUUID()}`;
  const { id } = await db.repository.create({ data: { url, name: 'seeded', defaultBranch: 'main' } });
  await db.$executeRaw`
    WITH tasks AS (
      INSERT INTO task (id, repository_id, key, title, body, text_hash, file, line, position)
      SELECT gen_random_uuid(), ${id}::uuid, 'task_' || n, 'A task', 'Do it.', 'hash', 'docs/PLUGIN-TASKS.md', n, n
      FROM generate_series(1, ${count}::int) n RETURNING id
    ), runs AS (
      INSERT INTO run (id, task_id, task_revision, state, base_commit)
      SELECT gen_random_uuid(), id, 1, ${MACHINE[stage].during}, ${'0'.repeat(40)} FROM tasks RETURNING id
    )
    INSERT INTO stage_run (id, run_id, stage) SELECT gen_random_uuid(), id, ${stage} FROM runs`;
  const stageRuns = await db.stageRun.findMany({
    where: { run: { task: { repositoryId: id } } },
    select: { id: true },
  });
  await announce(
    db,
    stageRuns.map((row) => row.id),
  );
  return id;
}
