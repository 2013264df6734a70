import type { NewEvent } from '../contracts/events.ts';
import type { Transaction } from '../db/client.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { announce } from './announce.ts';
import type { Claim } from './claim.ts';
import { StaleClaim } from './commit-outcome.ts';
import type { Stage } from './machine.ts';

/** Steps of transactions that start and end runs and stages out of turn. The usual end of a stage is commit-outcome.ts. */

/** Creates a stage run and announces it. */
export async function addStageRun(tx: Transaction, runId: string, stage: Stage, round: number): Promise<string> {
  const { id } = await tx.stageRun.create({ data: { runId, stage, round }, select: { id: true } });
  await announce(tx, [id]);
  return id;
}

/** Ends a run, or puts it before people, outside of the usual end of a stage. `ended` says why there is no change. */
export async function settleRun(
  tx: Transaction,
  runId: string,
  state: 'in_review' | 'merged' | 'rejected' | 'failed' | 'cancelled',
  ended: { code: ErrorCode; message: string } | null,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE run SET state = ${state}, version = version + 1, ended_at = now(), end_code = ${ended?.code ?? null}, end_message = ${ended?.message ?? null}
    WHERE id = ${runId}::uuid`;
  const type = state === 'rejected' || state === 'cancelled' ? (`run.${state}` as const) : 'run.failed';
  if (ended) await addEvents(tx, runId, [{ type, data: ended }]);
}

/** Ends a run because a person asked for it. */
export async function settleCancelled(tx: Transaction, runId: string, stage: Stage): Promise<void> {
  await settleRun(tx, runId, 'cancelled', null);
  await addEvents(tx, runId, [{ type: 'run.cancelled', data: { stage } }]);
}

export async function addEvents(tx: Transaction, runId: string | null, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.event.createMany({ data: events.map((event) => ({ runId, type: event.type, data: event.data as object })) });
}

/** Guarded by the fence: throws StaleClaim when another worker holds it. */
export async function endStageRun(tx: Transaction, held: Claim, state: 'cancelled' | 'dead'): Promise<void> {
  const changed = await tx.$executeRaw`
    UPDATE stage_run SET state = ${state}, outcome = ${state}, ended_at = now(), lease_owner = NULL, lease_until = NULL
    WHERE id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND state = 'running'`;
  if (changed === 0) throw new StaleClaim();
  await endAttempt(tx, held, state === 'dead' ? 'error' : 'cancelled');
}

/** An attempt ends once: what is on record stays. */
export async function endAttempt(
  tx: Pick<Transaction, '$executeRaw'>,
  held: Pick<Claim, 'stageRunId' | 'fence'>,
  outcome: 'error' | 'parked' | 'crashed' | 'stale' | 'cancelled' | 'released',
): Promise<void> {
  await tx.$executeRaw`
    UPDATE stage_attempt SET ended_at = now(), outcome = ${outcome}
    WHERE stage_run_id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND ended_at IS NULL`;
}
