import type { Logger } from 'pino';
import type { JobPayload } from '../contracts/job.ts';
import type { Database } from '../db/client.ts';
import { describeError } from '../errors/app-error.ts';
import { type Claim, claim } from './claim.ts';
import { classify } from './classify-error.ts';
import { commitResult, endAttempt, StaleClaim } from './commit-outcome.ts';
import { StageAborted, startHeartbeat } from './heartbeat.ts';
import type { Outcome } from './outcome.ts';
import { endCancelled, park, release, retryLater } from './put-back.ts';
import type { StageContext, StageDefinition } from './stage.ts';

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
  /** How long an aborted processor may take to notice before it is left behind. Default 15 s. */
  readonly abandonMs?: number;
}

/** Waits between errors of one stage run: 2 s, 8 s, 32 s, ... at most 10 minutes. */
const backoffMs = (errors: number): number => Math.min(2_000 * 4 ** (errors - 1), 600_000);

/**
 * The one wrapper around every processor: claim, run under a lease, and commit what came of it. Never throws: what goes
 * wrong is a row and a log line.
 */
export async function runStage(worker: StageWorker, message: JobPayload): Promise<void> {
  const { db } = worker;
  const held = await claim(db, message.stageRunId, worker.workerId, worker.leaseMs).catch((error: unknown) => {
    worker.log.error(
      { err: error, stageRunId: message.stageRunId },
      'claim failed; the sweeper announces the work again',
    );
    return null;
  });
  if (!held) return;
  const log = worker.log.child({ run: held.runId, stage: held.stage, round: held.round, fence: String(held.fence) });
  const startedAt = performance.now();
  try {
    const ended = await work(worker, held, log);
    const spent = await spentBy(db, held.stageRunId);
    log.info({ outcome: ended, durationMs: Math.round(performance.now() - startedAt), ...spent }, 'stage ended');
  } catch (error) {
    if (error instanceof StaleClaim) {
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

async function work(worker: StageWorker, held: Claim, log: Logger): Promise<string> {
  const { db } = worker;
  const definition = worker.definition(held.stage);
  if (!definition) throw new Error(`no processor for stage ${held.stage}`);
  const heartbeat = startHeartbeat(db, held, definition.timeoutMs, worker.shutdown, log);
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
    const reason: unknown = heartbeat.signal.aborted ? heartbeat.signal.reason : null;
    if (reason instanceof StageAborted && reason.why !== 'timeout') return endAborted(db, held, reason.why);
    const classified = classify(reason instanceof StageAborted ? reason : error);
    if (classified.kind === 'retry') {
      const described = describeError(error);
      log.warn({ err: error }, 'stage failed');
      const again = await retryLater(db, held, described, { maxErrors, delayMs: backoffMs });
      return again ? 'retry' : 'dead';
    }
    outcome = classified.outcome;
    log.warn({ err: error, outcome: outcome.kind }, 'stage cannot go on');
  } finally {
    heartbeat.stop();
  }
  if (outcome.kind === 'wait') {
    const until = await park(db, held, outcome);
    log.info({ reason: outcome.reason, until: until.toISOString() }, 'stage parked');
    return 'parked';
  }
  const next = await commitResult(db, held, outcome);
  return next.stage ? `${outcome.kind}: ${next.stage}` : next.state;
}

async function endAborted(db: Database, held: Claim, why: 'lost' | 'cancelled' | 'shutdown'): Promise<string> {
  if (why === 'cancelled') await endCancelled(db, held);
  else if (why === 'shutdown') await release(db, held);
  else throw new StaleClaim();
  return why;
}

/** Rejects some time after the abort: a processor that does not listen must not hold the worker for ever. */
function leftBehind(signal: AbortSignal, abandonMs: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), abandonMs).unref(), { once: true });
  });
}

/** Tokens and money of all model calls of a stage run so far; null where it made none. */
async function spentBy(
  db: Database,
  stageRunId: string,
): Promise<{ tokens: number | null; costNanoUsd: string | null }> {
  const [row] = await db.$queryRaw<{ calls: bigint; tokens: bigint; cost: bigint }[]>`
    SELECT count(*) AS calls, coalesce(sum(cost_nano_usd), 0)::bigint AS cost,
      coalesce(sum((SELECT sum(value::bigint) FROM jsonb_each_text(usage) WHERE key <> 'reasoning')), 0)::bigint AS tokens
    FROM model_call WHERE stage_run_id = ${stageRunId}::uuid`;
  return row && row.calls > 0n
    ? { tokens: Number(row.tokens), costNanoUsd: String(row.cost) }
    : { tokens: null, costNanoUsd: null };
}
