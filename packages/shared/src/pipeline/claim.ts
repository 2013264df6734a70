import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { prepared } from '../db/prepared.ts';
import { count } from '../telemetry/record.ts';
import { gatheredByDatabase } from './gathered.ts';
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
  readonly id: string;
  readonly run_id: string;
  readonly stage: Stage;
  readonly round: number;
  readonly fence: string;
}

interface Wanted {
  readonly stageRunId: string;
  readonly workerId: string;
  readonly leaseMs: number;
}

const claimTogether = gatheredByDatabase(claimAll, (wanted) => wanted.stageRunId);

/**
 * Takes a stage run that is pending, or whose holder let its lease run out, which counts as a crash: the first act of a
 * worker, and the only way to get work. One statement, database time; claims of this process that come at the same time
 * share it. null: it is taken, finished, parked, paused, cancelled or given up; the message that led here was one too many.
 */
export const claim = (db: Database, stageRunId: string, workerId: string, leaseMs = LEASE_MS): Promise<Claim | null> =>
  claimTogether(db, { stageRunId, workerId, leaseMs });

/**
 * SQL: nothing keeps stage run `s` from being started. Looked up for the few rows that are wanted: without OFFSET it would
 * be planned as a join, which may begin with all runs that there ever were.
 */
const mayRun = (): Prisma.Sql => Prisma.sql`EXISTS (
  SELECT FROM run r JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
  WHERE r.id = s.run_id AND r.cancel_requested_at IS NULL AND ${notPaused()} OFFSET 0)`;

async function claimAll(db: Database, wanted: readonly Wanted[]): Promise<(Claim | null)[]> {
  const ids = wanted.map((one) => one.stageRunId);
  const workers = wanted.map((one) => one.workerId);
  const leases = wanted.map((one) => one.leaseMs);
  const rows = await prepared<Row & { readonly taken_over: boolean }>(
    db,
    'claim',
    Prisma.sql`
    WITH taken AS (
      UPDATE stage_run s
      SET state = 'running', fence = s.fence + 1, lease_owner = (${workers}::text[])[array_position(${ids}::uuid[], s.id)],
          lease_until = now() + (${leases}::float8[])[array_position(${ids}::uuid[], s.id)] * interval '1 millisecond',
          crash_count = s.crash_count + (s.state = 'running')::int,
          started_at = coalesce(s.started_at, now()), parked_reason = NULL, parked_detail = NULL
      WHERE s.id = ANY (${ids}::uuid[])
        AND ((s.state = 'pending' AND s.available_at <= now())
          OR (s.state = 'running' AND s.lease_until < now() AND s.crash_count + 1 < ${MAX_CRASHES}))
        AND ${mayRun()}
      RETURNING s.id, s.run_id, s.stage, s.round, s.fence, s.lease_owner AS worker_id
    ), left_behind AS (
      UPDATE stage_attempt a SET ended_at = now(), outcome = 'crashed'
      FROM taken WHERE a.stage_run_id = taken.id AND a.fence = taken.fence - 1 AND a.ended_at IS NULL
      RETURNING a.stage_run_id
    ), attempt AS (
      INSERT INTO stage_attempt (stage_run_id, fence, worker_id) SELECT id, fence, worker_id FROM taken
    )
    SELECT t.id, t.run_id, t.stage, t.round, t.fence, l.stage_run_id IS NOT NULL AS taken_over
    FROM taken t LEFT JOIN left_behind l ON l.stage_run_id = t.id`,
  );
  const takenOver = rows.filter((row) => row.taken_over).length;
  if (takenOver > 0) count('orchestrator_lease_expiries_total', {}, takenOver);
  return wanted.map(({ stageRunId, leaseMs }) => {
    const row = rows.find(({ id }) => id === stageRunId);
    return row ? claimOf(stageRunId, leaseMs, row) : null;
  });
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
  const [row] = await db.$queryRaw<Row[]>`
    SELECT id::text, run_id, stage, round, fence::text FROM stage_run
    WHERE id = ${stageRunId}::uuid AND state = 'running' AND lease_owner = ${workerId}`;
  return row ? claimOf(stageRunId, leaseMs, row) : null;
}

const claimOf = (stageRunId: string, leaseMs: number, { run_id, stage, round, fence }: Row): Claim => ({
  stageRunId,
  runId: run_id,
  stage,
  round,
  fence: BigInt(fence),
  leaseMs,
});

/**
 * Prolongs the lease, also one that ran out, as long as nobody has taken over. `lost`: another worker has it, or it was
 * swept; `cancelled`: a person asked to stop.
 */
export async function renew(
  db: Database,
  held: Pick<Claim, 'stageRunId' | 'fence' | 'leaseMs'>,
): Promise<'held' | 'lost' | 'cancelled'> {
  const rows = await prepared<{ cancelled: boolean }>(
    db,
    'renew',
    Prisma.sql`
    UPDATE stage_run s SET lease_until = now() + ${held.leaseMs} * interval '1 millisecond'
    FROM run r
    WHERE s.id = ${held.stageRunId}::uuid AND s.fence = ${held.fence} AND s.state = 'running' AND r.id = s.run_id
    RETURNING r.cancel_requested_at IS NOT NULL AS cancelled`,
  );
  if (rows.length === 0) return 'lost';
  return rows[0]?.cancelled ? 'cancelled' : 'held';
}
