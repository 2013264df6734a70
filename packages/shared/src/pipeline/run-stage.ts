import type { Logger } from 'pino';
import type { JobPayload } from '../contracts/job.ts';
import type { Database } from '../db/client.ts';
import { describeError } from '../errors/app-error.ts';
import { count, observe } from '../telemetry/record.ts';
import { takeBack } from './announce.ts';
import { type Claim, claim, claimOfMine } from './claim.ts';
import { classify } from './classify-error.ts';
import { commitResult, type HandOver, type Spent, StaleClaim, spentBy } from './commit-outcome.ts';
import { endAttempt } from './end-run.ts';
import { StageAborted, startHeartbeat } from './heartbeat.ts';
import type { Outcome } from './outcome.ts';
import { endCancelled, park, release, retryLater } from './put-back.ts';
import type { StageContext, StageDefinition } from './stage.ts';
import { tracedStage } from './traced-stage.ts';
import { untilStored } from './until-stored.ts';

export interface StageWorker {
  readonly db: Database;
  readonly log: Logger;
  readonly workerId: string;
  /** Looks a stage definition up; undefined: this worker does not do that stage. */
  readonly definition: (stage: string) => StageDefinition | undefined;
  /** Everything that the processor may use, for a claim. */
  readonly context: (held: Claim, signal: AbortSignal, log: Logger) => Promise<StageContext>;
  readonly shutdown: AbortSignal;
  /** How long a claim holds without a heartbeat. Default 30 s. */
  readonly leaseMs?: number;
  /** Hands the message of a stage that follows to the queue. Absent: the relay does, for all of them. */
  readonly handOver?: (message: HandOver) => Promise<void>;
  /** How long an aborted processor may take to notice before it is left behind. Default 15 s. */
  readonly abandonMs?: number;
}

/** Waits between errors of one stage run: 2 s, 8 s, 32 s, ... at most 10 minutes. */
const backoffMs = (errors: number): number => Math.min(2_000 * 4 ** (errors - 1), 600_000);

/** What this process works on, by worker: a message that comes twice must not adopt the claim of the first. */
const inHand = new Set<string>();

/**
 * The one wrapper around every processor: claim, run under a lease, and commit what came of it. Never throws: what goes
 * wrong is a row and a log line. `doubt` aborts when the queue has given the message up.
 */
export async function runStage(worker: StageWorker, message: JobPayload, doubt?: AbortSignal): Promise<void> {
  const { stageRunId } = message;
  const place = `${worker.workerId} ${stageRunId}`;
  if (inHand.has(place)) return;
  inHand.add(place);
  try {
    const held = await take(worker, stageRunId);
    if (held) await holdAndRun(worker, held, doubt);
  } finally {
    inHand.delete(place);
  }
}

async function take({ db, log, workerId, leaseMs }: StageWorker, stageRunId: string): Promise<Claim | null> {
  try {
    return await untilStored(
      () => claim(db, stageRunId, workerId, leaseMs),
      () => claimOfMine(db, stageRunId, workerId, leaseMs),
    );
  } catch (error) {
    log.error({ err: error, stageRunId }, 'claim failed; the sweeper announces the work again');
    return null;
  }
}

async function holdAndRun(worker: StageWorker, held: Claim, doubt: AbortSignal | undefined): Promise<void> {
  const { db } = worker;
  const log = worker.log.child({ run: held.runId, stage: held.stage, round: held.round, fence: String(held.fence) });
  const startedAt = performance.now();
  try {
    const { ended, ...spent } = await tracedStage(db, held, worker.workerId, () => work(worker, held, doubt, log));
    const durationMs = Math.round(performance.now() - startedAt);
    observe('orchestrator_stage_duration_seconds', { stage: held.stage, outcome: wordOf(ended) }, durationMs / 1_000);
    log.info({ outcome: ended, durationMs, ...spent }, 'stage ended');
  } catch (error) {
    if (error instanceof StaleClaim) {
      count('orchestrator_stale_completions_total', { stage: held.stage });
      log.warn('result dropped: the lease was lost to another worker');
      await endAttempt(db, held, 'stale').catch(() => {});
    } else {
      log.error(
        { err: error },
        'the end of the stage could not be stored; the sweeper takes it up when the lease ends',
      );
    }
  }
}

/** Without the stage that follows. */
const wordOf = (ended: string): string => ended.replace(/:.*/, '');

interface Ended extends Spent {
  /** What became of it, for the log. */
  readonly ended: string;
}

async function work(worker: StageWorker, held: Claim, doubt: AbortSignal | undefined, log: Logger): Promise<Ended> {
  const { db, shutdown } = worker;
  const definition = worker.definition(held.stage);
  if (!definition) throw new Error(`no processor for stage ${held.stage}`);
  const heartbeat = startHeartbeat(db, held, { timeoutMs: definition.timeoutMs, shutdown, doubt }, log);
  let outcome: Outcome;
  let maxErrors = 5;
  try {
    const context = await worker.context(held, heartbeat.signal, log);
    maxErrors = context.config.pipeline.maxErrors;
    log.info({ task: context.task.key }, 'stage started');
    outcome = await Promise.race([
      definition.process(context),
      leftBehind(heartbeat.signal, worker.abandonMs ?? 15_000),
    ]);
  } catch (error) {
    const reason: unknown = heartbeat.signal.aborted ? heartbeat.signal.reason : error;
    if (reason instanceof StageAborted && reason.why !== 'timeout') return endAborted(db, held, reason.why);
    const classified = classify(reason instanceof StageAborted ? reason : error);
    if (classified.kind === 'retry') {
      log.warn({ err: error }, 'stage failed');
      const limits = { maxErrors, delayMs: backoffMs };
      return end(db, held, async () => {
        const again = await retryLater(db, held, describeError(error), limits);
        return again ? 'retry' : 'dead';
      });
    }
    outcome = classified.outcome;
    log.warn({ err: error, outcome: outcome.kind }, 'stage cannot go on');
  } finally {
    heartbeat.stop();
  }
  if (outcome.kind === 'wait') {
    const wait = outcome;
    return end(db, held, async () => {
      const until = await park(db, held, wait);
      log.info({ reason: wait.reason, until: until.toISOString() }, 'stage parked');
      return 'parked';
    });
  }
  const result = outcome;
  const handsOver = worker.handOver !== undefined;
  const { handOver, ...ended } = await untilStored<Ended & { handOver: HandOver | 'unknown' | null }>(
    async () => {
      const { next, ...committed } = await commitResult(db, held, result, { handsOver });
      return { ended: next.stage ? `${result.kind}: ${next.stage}` : next.state, ...committed };
    },
    async () => {
      const before = await storedBefore(db, held);
      return before && { ...before, handOver: handsOver ? 'unknown' : null };
    },
  );
  if (handOver !== null) await handOn(worker, held, handOver, log);
  return ended;
}

/**
 * Hands the next stage to the queue. One that the queue did not take is announced again, and so is one of which only the
 * answer was lost; what is left behind by a crash before that, the sweeper finds.
 */
async function handOn({ db, handOver }: StageWorker, { runId }: Claim, message: HandOver | 'unknown', log: Logger) {
  try {
    if (message === 'unknown') await takeBack(db, runId);
    else await handOver?.(message).catch(() => takeBack(db, runId));
  } catch (error) {
    log.warn({ err: error }, 'the next stage could not be handed on; the sweeper announces it');
  }
}

async function endAborted(db: Database, held: Claim, why: 'lost' | 'cancelled' | 'shutdown'): Promise<Ended> {
  return end(db, held, async () => {
    if (why === 'cancelled') await endCancelled(db, held);
    // A lease that could not be renewed but that nobody took is given back: no crash is counted for the database's sake.
    else await release(db, held);
    return why;
  });
}

async function end(db: Database, held: Claim, store: () => Promise<string>): Promise<Ended> {
  return untilStored(
    async () => {
      const ended = await store();
      return { ended, ...(await spentBy(db, held.stageRunId)) };
    },
    () => storedBefore(db, held),
  );
}

/** Whether this claim's end is on record: an earlier try went through, and only its answer was lost. */
async function storedBefore(db: Database, { stageRunId, fence }: Claim): Promise<Ended | null> {
  const attempt = await db.stageAttempt.findUnique({ where: { stageRunId_fence: { stageRunId, fence } } });
  const { outcome = null } = attempt ?? {};
  if (outcome === null || outcome === 'crashed' || outcome === 'stale') return null;
  return { ended: outcome, ...(await spentBy(db, stageRunId)) };
}

/** Rejects some time after the abort: a processor that does not listen must not hold the worker for ever. */
function leftBehind(signal: AbortSignal, abandonMs: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), abandonMs).unref(), { once: true });
  });
}
