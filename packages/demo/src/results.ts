import type { SkippedTask } from '@orchestrator/embedded/scheduling.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { readRuns } from '@orchestrator/shared/read/runs.ts';

/** What became of one task of the demo. */
export interface DemoResult {
  readonly task: string;
  readonly title: string;
  readonly result: 'published' | 'repaired' | 'rejected' | 'parked' | 'failed';
  readonly rounds: number;
  readonly spentNanoUsd: bigint;
  readonly branch: string | null;
  /** A sentence. */
  readonly why: string;
}

/** All tasks in the order of the file; those that the budget left out are parked like those that it stopped. */
export async function readResults(db: Database, skipped: readonly SkippedTask[]): Promise<DemoResult[]> {
  const tasks = await db.task.findMany({ orderBy: { position: 'asc' } });
  const runs = await readRuns(db);
  const repairs = await db.artifact.findMany({
    where: { OR: [{ kind: 'rejections' }, { kind: 'verdict' }] },
    orderBy: { round: 'asc' },
  });
  return tasks.map((task) => {
    const run = runs.find((one) => one.task === task.key);
    const place = { task: task.key, title: task.title };
    if (!run) {
      const skip = skipped.find((one) => one.taskKey === task.key);
      return {
        ...place,
        result: 'parked',
        rounds: 0,
        spentNanoUsd: 0n,
        branch: null,
        why: skip?.reason ?? 'It was not started.',
      };
    }
    const first = repairs.find(
      (one) =>
        one.runId === run.run && (one.kind === 'rejections' || (one.content as { passed?: boolean }).passed === false),
    );
    const published = run.state === 'in_review' || run.state === 'merged';
    const result = published
      ? first
        ? 'repaired'
        : 'published'
      : run.state === 'rejected'
        ? 'rejected'
        : run.waiting
          ? 'parked'
          : 'failed';
    return {
      ...place,
      result,
      rounds: run.round,
      spentNanoUsd: run.spentNanoUsd,
      branch: published ? run.branch : null,
      why: why(result, run, first),
    };
  });
}

function why(
  result: DemoResult['result'],
  run: { endMessage: string | null; waiting: { until: Date } | null },
  first: { kind: string; content: unknown } | undefined,
): string {
  if (result === 'published') return 'It passed at once.';
  if (result === 'parked') return `It waits for money until ${run.waiting?.until.toISOString() ?? 'a new window'}.`;
  if (result !== 'repaired') return run.endMessage ?? 'It did not pass.';
  if (first?.kind === 'rejections') return 'The first answer did not apply; the model was told what was wrong.';
  const verdict = first?.content as { findings?: { check: string; message: string }[] } | undefined;
  const finding = verdict?.findings?.[0];
  return `Repaired after: ${finding ? `${finding.check}: ${finding.message}` : 'a failed validation'}`;
}
