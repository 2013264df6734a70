import { ensureRepository, runUntilIdle } from '@orchestrator/embedded/scheduling.ts';
import { services } from '@orchestrator/embedded/services.ts';
import { startEmbedded } from '@orchestrator/embedded/start-embedded.ts';
import { readRuns } from '@orchestrator/shared/read/runs.ts';
import type { CommandContext } from '../command.ts';
import { watchRuns } from '../live/watch-runs.ts';
import { plainText } from '../show/words.ts';
import type { Target } from '../system.ts';
import type { RunReport } from './run-report.ts';

export interface ExecuteOptions {
  readonly target: Target;
  readonly task: string | undefined;
  /** Default: until nothing is left to do. */
  readonly maxTicks: number | undefined;
  /** Runs to start at a tick. Default: pipeline.tasksPerTick; 0: only what has begun is worked on. */
  readonly limit?: number | undefined;
}

/** Starts everything in this process, works until nothing can be started, and stops. */
export async function execute(
  context: CommandContext,
  { target, task, maxTicks, limit }: ExecuteOptions,
): Promise<RunReport> {
  const began = new Date();
  const system = await context.system();
  const repository = await ensureRepository(system.db, target);
  const { formatProblem } = await services.taskProblem();
  const watch = watchRuns({
    db: system.db,
    log: context.log,
    stream: context.progress,
    env: context.terminal.env,
    repository: target.url,
  });
  // Only live lines can be disturbed; otherwise the log keeps its own stream.
  if (context.progress.isTTY) context.showLogThrough(watch.print);
  const problems = new Map<string, string>();
  let idle: Awaited<ReturnType<typeof runUntilIdle>>;
  try {
    const running = await startEmbedded(system, { onProgress: watch.doing });
    try {
      idle = await runUntilIdle({
        db: system.db,
        repositories: system.repositories,
        repository,
        log: context.log,
        signal: context.signal,
        only: task,
        limit,
        ...(maxTicks === undefined ? {} : { maxTicks }),
        onTick: ({ synced }) => {
          for (const problem of synced.problems)
            problems.set(`${problem.line} ${problem.code}`, plainText(formatProblem(problem)));
        },
      });
    } finally {
      await running.stop();
    }
  } finally {
    await watch.stop();
    context.showLogThrough(null);
  }
  const { started, skipped, ticks } = idle;
  return {
    repository: target.url,
    // Read only now: what was in work when it was interrupted may still have ended.
    runs: await workedOn(context, target.url, began, task),
    skipped,
    problems: [...problems.values()],
    ticks,
    wallMs: Date.now() - began.getTime(),
    interrupted: context.signal.aborted,
    idleTask:
      task !== undefined && !context.signal.aborted && started.length === 0 && skipped.length === 0 ? task : null,
  };
}

async function workedOn(
  { system }: CommandContext,
  repository: string,
  activeSince: Date,
  task: string | undefined,
): Promise<RunReport['runs']> {
  const { db } = await system();
  return (await readRuns(db, { repository, activeSince, ...(task === undefined ? {} : { task }) })).reverse();
}
