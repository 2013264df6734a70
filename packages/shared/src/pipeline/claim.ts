import type { Database } from '../db/client.ts';
import type { Stage } from './machine.ts';
import { notPaused } from './paused.ts';

/** How long a claim holds without a heartbeat, where ORCHESTRATOR_LEASE_MS does not say otherwise. */
export const LEASE_MS = 30_000;

/** Crashes of one stage run before it is given up. */
export const MAX_CRASHES = 3;

export interface Claim {
  readonly stageRunId: string;
  readonly runId: string;
  readonly stage: Stage;
  readonly round: number;
  /** Only the holder of the current fence may complete the stage run. */
  readonly fence: bigint;
  /** How long each renewal holds. */
  readonly leaseMs: number;
}

interface Row {
  readonly run_id: string;
  readonly stage: Stage;
  readonly round: number;
  readonly fence: bigint;
}

/**
 * Takes a stage run that is pending, or whose holder let its lease run out, which counts as a crash: the first act of a
 * worker, and the only way to get work. One statement, database time. null: it is taken, finished, parked, paused,
 * cancelled or given up; the message that led here was one too many.
 */
export async function claim(
  db: Database,
  stageRunId: string,
  workerId: string,
  leaseMs = LEASE_MS,
): Promise<Claim | null> {
  const rows = await db.$queryRaw<Row[]>`/* claim */
    WITH taken AS (
      UPDATE stage_run s
      SET state = 'running', fence = s.fence + 1, lease_owner = ${workerId}, lease_until = now() + ${leaseMs} * interval '1 millisecond',
          crash_count = s.crash_count + (s.state = 'running')::int,
          started_at = coalesce(s.started_at, now()), parked_reason = NULL, parked_detail = NULL
      FROM run r, task t, repository p
      WHERE s.id = ${stageRunId}::uuid
        AND ((s.state = 'pending' AND s.available_at <= now())
          OR (s.state = 'running' AND s.lease_until < now() AND s.crash_count + 1 < ${MAX_CRASHES}))
        AND r.id = s.run_id AND t.id = r.task_id AND p.id = t.repository_id
        AND r.cancel_requested_at IS NULL AND ${notPaused()}
      RETURNING s.id, s.run_id, s.stage, s.round, s.fence
    ), left_behind AS (
      UPDATE stage_attempt a SET ended_at = now(), outcome = 'crashed'
      FROM taken WHERE a.stage_run_id = taken.id AND a.fence = taken.fence - 1 AND a.ended_at IS NULL
    ), attempt AS (
      INSERT INTO stage_attempt (stage_run_id, fence, worker_id) SELECT id, fence, ${workerId} FROM taken
    )
    SELECT run_id, stage, round, fence FROM taken`;
  return claimOf(stageRunId, leaseMs, rows[0]);
}

/**
 * The claim that this worker has by the database, if any: for a claim whose answer was lost on the way. The caller knows
 * that it does not hold it already.
 */
export async function claimOfMine(
  db: Database,
  stageRunId: string,
  workerId: string,
  leaseMs = LEASE_MS,
): Promise<Claim | null> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT run_id, stage, round, fence FROM stage_run
    WHERE id = ${stageRunId}::uuid AND state = 'running' AND lease_owner = ${workerId}`;
  return claimOf(stageRunId, leaseMs, rows[0]);
}

const claimOf = (stageRunId: string, leaseMs: number, row: Row | undefined): Claim | null =>
  row ? { stageRunId, runId: row.run_id, stage: row.stage, round: row.round, fence: row.fence, leaseMs } : null;

/**
 * Prolongs the lease, also one that ran out, as long as nobody has taken over. `lost`: another worker has it, or it was
 * swept; `cancelled`: a person asked to stop.
 */
export async function renew(
  db: Pick<Database, '$queryRaw'>,
  held: Pick<Claim, 'stageRunId' | 'fence' | 'leaseMs'>,
): Promise<'held' | 'lost' | 'cancelled'> {
  const rows = await db.$queryRaw<{ cancelled: boolean }[]>`/* renew */
    UPDATE stage_run s SET lease_until = now() + ${held.leaseMs} * interval '1 millisecond'
    FROM run r
    WHERE s.id = ${held.stageRunId}::uuid AND s.fence = ${held.fence} AND s.state = 'running' AND r.id = s.run_id
    RETURNING r.cancel_requested_at IS NOT NULL AS cancelled`;
  if (rows.length === 0) return 'lost';
  return rows[0]?.cancelled ? 'cancelled' : 'held';
}
