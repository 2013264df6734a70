import type { Database, Transaction } from '../db/client.ts';
import type { describeError } from '../errors/app-error.ts';
import { announce } from './announce.ts';
import type { Claim } from './claim.ts';
import { StaleClaim } from './commit-outcome.ts';
import { addEvents, endAttempt, endStageRun, settleCancelled, settleRun } from './end-run.ts';
import type { Outcome } from './outcome.ts';

/** What a stage run does instead of ending: it goes back to `pending`, in a new generation, guarded by the fence. */

/** Looked at again after this, where no better instant is known. */
const LOOK_AGAIN_MS = 60_000;

/** Parks: no error is counted. The event is written once for a stretch of waiting with the same reason. */
export async function park(db: Database, held: Claim, wait: Extract<Outcome, { kind: 'wait' }>): Promise<Date> {
  return db.$transaction(async (tx) => {
    const detail = JSON.stringify(wait.detail);
    const rows = await tx.$queryRaw<{ available_at: Date; before: string | null }[]>`
      UPDATE stage_run s SET state = 'pending', generation = s.generation + 1, published_at = NULL, lease_owner = NULL, lease_until = NULL,
        available_at = greatest(coalesce(${wait.until}::timestamptz, now() + ${wait.afterMs ?? LOOK_AGAIN_MS} * interval '1 millisecond'), now() + interval '1 second'),
        parked_reason = ${wait.reason}, parked_detail = ${detail}::jsonb, outcome = 'parked'
      FROM (SELECT id, CASE WHEN outcome = 'parked' THEN last_parked_reason END AS before FROM stage_run WHERE id = ${held.stageRunId}::uuid) old
      WHERE s.id = old.id AND s.fence = ${held.fence} AND s.state = 'running'
      RETURNING s.available_at, old.before`;
    const row = rows[0];
    if (!row) throw new StaleClaim();
    await tx.stageRun.update({ where: { id: held.stageRunId }, data: { lastParkedReason: wait.reason } });
    if (row.before !== wait.reason) {
      await addEvents(tx, held.runId, [
        {
          type: 'run.parked',
          data: { stage: held.stage, reason: wait.reason, until: row.available_at.toISOString(), ...wait.detail },
        },
      ]);
    }
    await endAttempt(tx, held, 'parked');
    await announce(tx, [held.stageRunId]);
    return row.available_at;
  });
}

/** Gives the claim back unused, as at shutdown: another worker may take it at once. */
export async function release(db: Database, held: Claim): Promise<void> {
  await db.$transaction(async (tx) => {
    await reopen(tx, held, 0, null);
    await endAttempt(tx, held, 'released');
    await announce(tx, [held.stageRunId]);
  });
}

/**
 * Counts an error and tries again after `delayMs`; with `maxErrors` reached the stage run is dead and the run failed.
 * Returns whether it will be tried again.
 */
export async function retryLater(
  db: Database,
  held: Claim,
  error: ReturnType<typeof describeError>,
  limits: { readonly maxErrors: number; readonly delayMs: (errors: number) => number },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ errors: number }[]>`
      UPDATE stage_run SET error_count = error_count + 1, last_error = ${JSON.stringify(error)}::jsonb
      WHERE id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND state = 'running' RETURNING error_count AS errors`;
    const errors = rows[0]?.errors;
    if (errors === undefined) throw new StaleClaim();
    if (errors < limits.maxErrors) {
      await reopen(tx, held, limits.delayMs(errors), 'retry');
      await endAttempt(tx, held, 'error');
      await announce(tx, [held.stageRunId]);
      return true;
    }
    await endStageRun(tx, held, 'dead');
    const message = `The stage ${held.stage} failed ${errors} time(s): ${error.message}`;
    await settleRun(tx, held.runId, 'failed', { code: 'ERRORS_EXHAUSTED', message });
    return false;
  });
}

/** Ends the run because a person asked for it. */
export async function endCancelled(db: Database, held: Claim): Promise<void> {
  await db.$transaction(async (tx) => {
    await endStageRun(tx, held, 'cancelled');
    await settleCancelled(tx, held.runId, held.stage);
  });
}

async function reopen(tx: Transaction, held: Claim, delayMs: number, reason: string | null): Promise<void> {
  const changed = await tx.$executeRaw`
    UPDATE stage_run SET state = 'pending', generation = generation + 1, published_at = NULL, lease_owner = NULL, lease_until = NULL,
      available_at = now() + ${delayMs} * interval '1 millisecond', parked_reason = ${reason}
    WHERE id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND state = 'running'`;
  if (changed === 0) throw new StaleClaim();
}
