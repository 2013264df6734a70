import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { isPaused } from '@orchestrator/shared/pipeline/paused.ts';
import type { RepositoryRef } from '../repository.ts';
import type { Affordable } from './affordable.ts';
import { isActive, type TaskState, taskStates, wantsRun } from './candidates.ts';
import { waitsFor } from './dependencies.ts';
import { type StartedRun, startRun } from './start-run.ts';

export type SkipCode =
  | 'PAUSED'
  | 'MACHINE'
  | 'BLOCKED'
  | 'ACTIVE'
  | 'DEPENDENCY'
  | 'TURN'
  | 'BUDGET'
  | 'NEVER_FITS'
  | 'TAKEN';

/** A task that wants a run and does not get one now. */
export interface SkippedTask {
  readonly taskKey: string;
  readonly code: SkipCode;
  /** A sentence. */
  readonly reason: string;
  /** When asking again can succeed, where that is known. */
  readonly until?: Date;
}

export interface Admission {
  readonly admitted: readonly StartedRun[];
  readonly skipped: readonly SkippedTask[];
}

export interface AdmitOptions {
  readonly db: Database;
  readonly repository: RepositoryRef;
  readonly config: Pick<OrchestratorConfig, 'pipeline' | 'publish'>;
  readonly affordable: Affordable;
  /** Runs to start at most. Default: pipeline.tasksPerTick. */
  readonly limit?: number | undefined;
  /** Only this task. Throws TASK_UNKNOWN. */
  readonly only?: string | undefined;
}

/** Prices that are looked up in one tick: a spent budget does not have to be asked ten thousand times. */
const MAX_PRICED = 100;

/**
 * Starts the best tasks that can be paid for. A task that costs less may go before a better one only where this window
 * cannot pay for the better one; where money is merely on its way back, the better one is waited for.
 */
export async function admit({ db, repository, config, affordable, limit, only }: AdmitOptions): Promise<Admission> {
  const perTick = limit ?? config.pipeline.tasksPerTick;
  const paused = await isPaused(db, repository.id);
  const broken = await machineTrouble(db);
  const all = await taskStates(db, repository.id);
  const byKey = new Map(all.map((task) => [task.key, task]));
  const chosen = only === undefined ? all : [byKey.get(only)].filter((task) => task !== undefined);
  if (only !== undefined && (chosen.length === 0 || chosen[0]?.status === 'removed'))
    throw new AppError('TASK_UNKNOWN', { task: only });

  const admitted: StartedRun[] = [];
  const skipped: SkippedTask[] = [];
  let places = perTick;
  let priced = 0;
  let waitsFirst: { task: TaskState; until: Date | null } | null = null;
  for (const task of chosen) {
    if (!wantsRun(task) || task.status === 'removed' || task.status === 'done') continue;
    const skip = (code: SkipCode, reason: string, until: Date | null = null) =>
      void skipped.push({ taskKey: task.key, code, reason, ...(until === null ? {} : { until }) });

    const waiting = waitsFor(task, byKey);
    if (paused) skip('PAUSED', 'Its repository, or everything, is paused.');
    else if (broken !== null) skip('MACHINE', broken);
    else if (task.skipped) skip('BLOCKED', 'A person left it out, until its text changes or it is asked for again.');
    else if (task.status === 'blocked')
      skip('BLOCKED', 'It is blocked in the task file, or there is a mistake in it there.');
    else if (isActive(task)) skip('ACTIVE', 'Its run of an earlier text has not stopped yet.');
    else if (waiting !== null) skip('DEPENDENCY', waiting);
    else if (places === 0) skip('TURN', `A tick starts ${perTick} task(s) at most, and others come first.`);
    else if (waitsFirst)
      skip('TURN', `"${waitsFirst.task.key}" comes first and waits for calls in flight to settle.`, waitsFirst.until);
    else if (priced === MAX_PRICED) skip('TURN', `${MAX_PRICED} tasks before it cannot be paid for now.`);
    else {
      priced += 1;
      const answer = await affordable({ ...task, repositoryId: repository.id });
      if (answer.kind === 'AFFORDABLE') {
        const started = await startRun(db, { repository, task, branchPrefix: config.publish.branchPrefix });
        if (started) admitted.push(started);
        else skip('TAKEN', 'Another scheduler started it, or its text changed, at this moment.');
        // What another scheduler started at this moment counts: together they start no more than one would.
        places -= 1;
      } else if (answer.kind === 'NEVER_FITS') skip('NEVER_FITS', answer.reason);
      else {
        skip('BUDGET', answer.reason, answer.until);
        if (answer.kind === 'WAIT_SETTLING') waitsFirst = { task, until: answer.until };
      }
    }
  }
  return { admitted, skipped };
}

/**
 * Why no task would get far now, in a sentence: a run waits for a person to put the sandbox, a key or a model right.
 * Starting more would only add to those that wait.
 */
async function machineTrouble(db: Database): Promise<string | null> {
  const stuck = await db.stageRun.findFirst({
    where: { state: 'pending', parkedReason: { in: ['sandbox', 'configuration'] } },
    select: { parkedDetail: true, run: { select: { task: { select: { key: true } } } } },
  });
  if (stuck === null) return null;
  const detail = stuck.parkedDetail as { message?: string } | null;
  return `"${stuck.run.task.key}" waits for you: ${detail?.message ?? 'see the log.'}`;
}
