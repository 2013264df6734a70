import type { Database } from '../db/client.ts';
import type { Stage } from './machine.ts';

/** How long a claim holds without a heartbeat, where ORCHESTRATOR_LEASE_MS does not say otherwise. */
export const LEASE_MS = 30_000;

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

/**
 * Takes a pending stage run: the first act of a worker, and the only way to get work. One statement, database time.
 * null: it is taken, finished, parked, paused or cancelled; the message that led here was one too many.
 */
export async function claim(
  db: Database,
  stageRunId: string,
  workerId: string,
  leaseMs = LEASE_MS,
): Promise<Claim | null> {
  const rows = await db.$queryRaw<{ run_id: string; stage: Stage; round: number; fence: bigint }[]>`
    WITH taken AS (
      UPDATE stage_run s
      SET state = 'running', fence = s.fence + 1, lease_owner = ${workerId}, lease_until = now() + ${leaseMs} * interval '1 millisecond',
          started_at = coalesce(s.started_at, now()), parked_reason = NULL, parked_detail = NULL
      FROM run r, task t, repository p
      WHERE s.id = ${stageRunId}::uuid AND s.state = 'pending' AND s.available_at <= now()
        AND r.id = s.run_id AND r.cancel_requested_at IS NULL
        AND t.id = r.task_id AND p.id = t.repository_id AND NOT p.paused
      RETURNING s.id, s.run_id, s.stage, s.round, s.fence
    ), attempt AS (
      INSERT INTO stage_attempt (stage_run_id, fence, worker_id) SELECT id, fence, ${workerId} FROM taken
    )
    SELECT run_id, stage, round, fence FROM taken`;
  const row = rows[0];
  return row ? { stageRunId, runId: row.run_id, stage: row.stage, round: row.round, fence: row.fence, leaseMs } : null;
}

/** Prolongs the lease. `lost`: another worker has it, or it was swept; `cancelled`: a person asked to stop. */
export async function renew(db: Database, held: Claim): Promise<'held' | 'lost' | 'cancelled'> {
  const rows = await db.$queryRaw<{ cancelled: boolean }[]>`
    UPDATE stage_run s SET lease_until = now() + ${held.leaseMs} * interval '1 millisecond'
    FROM run r
    WHERE s.id = ${held.stageRunId}::uuid AND s.fence = ${held.fence} AND s.state = 'running' AND r.id = s.run_id
    RETURNING r.cancel_requested_at IS NOT NULL AS cancelled`;
  if (rows.length === 0) return 'lost';
  return rows[0]?.cancelled ? 'cancelled' : 'held';
}
