import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import type { NanoUsd } from './money.ts';

/**
 * The statements that move money. Each is one statement in its own transaction: a process that dies leaves either all
 * of it or nothing, and no lock behind. READ COMMITTED is enough, because every decision is made on rows that the
 * statement has locked, and the CHECK on the window is the last word.
 *
 * Windows are locked in the order of their budgets' ids, so that two statements never wait for each other.
 */

export interface Hold {
  readonly attemptId: string;
  readonly budgetIds: readonly string[];
  /** Bound and cushion. */
  readonly heldNanoUsd: NanoUsd;
  readonly cushionNanoUsd: NanoUsd;
  readonly deadlineMs: number;
  /** The reaper leaves the attempt alone for this long after its deadline. */
  readonly graceMs: number;
  readonly detail: string | null;
}

/**
 * Takes the hold from the current window of every budget, or from none. Returns false where at least one did not admit
 * it. An attempt id that was reserved before aborts the statement (SQLSTATE 23505).
 *
 * The time is read after the locks were granted: a deadline counts from the moment at which the money was taken.
 */
export async function takeHold(db: Database, hold: Hold): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>(takeHoldSql(hold));
  return rows.length > 0;
}

export const takeHoldSql = (hold: Hold): Prisma.Sql => Prisma.sql`
    WITH locked AS MATERIALIZED (
      SELECT w.id, w.budget_id, w.ends_at, w.frozen_at,
             w.limit_nano_usd - w.reserved_nano_usd - w.settled_nano_usd AS free_nano_usd
      FROM budget_window w CROSS JOIN (SELECT budget_now() AS at OFFSET 0) clock
      WHERE w.budget_id = ANY (${[...hold.budgetIds]}::text[])
        AND w.starts_at <= clock.at AND (w.ends_at IS NULL OR clock.at < w.ends_at)
      ORDER BY w.budget_id
      FOR NO KEY UPDATE OF w
    ),
    instant AS MATERIALIZED (
      SELECT counted.windows, budget_now() AS at FROM (SELECT count(*) AS windows FROM locked) counted
    ),
    admitted AS MATERIALIZED (
      SELECT instant.at FROM instant
      WHERE instant.windows = cardinality(${[...hold.budgetIds]}::text[])
        AND NOT EXISTS (
          SELECT FROM locked
          WHERE locked.frozen_at IS NOT NULL
             OR locked.free_nano_usd < ${hold.heldNanoUsd}::bigint
             OR locked.ends_at < instant.at + ${hold.deadlineMs}::double precision * interval '1 millisecond'
        )
    ),
    held AS (
      UPDATE budget_window w SET reserved_nano_usd = w.reserved_nano_usd + ${hold.heldNanoUsd}::bigint
      FROM locked CROSS JOIN admitted
      WHERE w.id = locked.id
      RETURNING w.id, w.budget_id, admitted.at
    )
    INSERT INTO budget_entry (attempt_id, part, window_id, kind, reserved_nano_usd, cushion_nano_usd, expires_at, detail, at)
    SELECT ${hold.attemptId}::uuid, row_number() OVER (ORDER BY held.budget_id) - 1, held.id, 'reserve',
           ${hold.heldNanoUsd}::bigint, ${hold.cushionNanoUsd}::bigint,
           held.at + ${hold.deadlineMs + hold.graceMs}::double precision * interval '1 millisecond',
           ${hold.detail}::jsonb, held.at
    FROM held
    RETURNING id`;

export interface End {
  readonly attemptId: string;
  readonly kind: 'settle' | 'release' | 'forfeit';
  /** What the attempt cost; null: all that was held. */
  readonly costNanoUsd: NanoUsd | null;
  /** Freezes the windows whatever the cost is. */
  readonly freeze: 'not_as_priced' | null;
  readonly detail: string | null;
}

export interface Ended {
  readonly parts: bigint;
  readonly ended: bigint;
  readonly overrunNanoUsd: NanoUsd;
}

/**
 * Ends an attempt: gives its hold back to the windows it came from, whichever are current now, and books the cost. A
 * cost beyond the hold is booked up to the hold; a cost beyond the bound is put on record and freezes the windows.
 * Ending twice does nothing the second time.
 */
export async function endAttempt(db: Database, end: End): Promise<Ended> {
  const rows = await db.$queryRaw<Ended[]>(endAttemptSql(end));
  return rows[0] as Ended;
}

export const endAttemptSql = (end: End): Prisma.Sql => Prisma.sql`
    WITH part AS MATERIALIZED (
      SELECT e.part, e.window_id, e.reserved_nano_usd, e.cushion_nano_usd,
             COALESCE(${end.costNanoUsd}::bigint, e.reserved_nano_usd) AS cost_nano_usd
      FROM budget_entry e WHERE e.attempt_id = ${end.attemptId}::uuid AND e.kind = 'reserve'
    ),
    locked AS MATERIALIZED (
      SELECT w.id FROM budget_window w
      WHERE w.id IN (SELECT part.window_id FROM part)
      ORDER BY w.budget_id
      FOR NO KEY UPDATE OF w
    ),
    ending AS (
      INSERT INTO budget_entry (attempt_id, part, window_id, kind, reserved_nano_usd, cushion_nano_usd, charged_nano_usd, detail, at)
      SELECT ${end.attemptId}::uuid, part.part, part.window_id, ${end.kind}, part.reserved_nano_usd, part.cushion_nano_usd,
             LEAST(part.cost_nano_usd, part.reserved_nano_usd), ${end.detail}::jsonb, budget_now()
      FROM locked JOIN part ON part.window_id = locked.id
      ON CONFLICT DO NOTHING
      RETURNING part, window_id, reserved_nano_usd, charged_nano_usd, at
    ),
    counted AS MATERIALIZED (
      SELECT ending.*, CASE WHEN ${end.costNanoUsd}::bigint IS NULL THEN 0
             ELSE GREATEST(0, part.cost_nano_usd - (part.reserved_nano_usd - part.cushion_nano_usd)) END AS overrun_nano_usd,
             GREATEST(0, part.cost_nano_usd - part.reserved_nano_usd) AS lost_nano_usd
      FROM ending JOIN part USING (part)
    ),
    overrun AS (
      INSERT INTO budget_overrun (attempt_id, window_id, nano_usd, lost_nano_usd, at)
      SELECT ${end.attemptId}::uuid, window_id, overrun_nano_usd, lost_nano_usd, at FROM counted WHERE overrun_nano_usd > 0
    ),
    returned AS (
      UPDATE budget_window w SET
        reserved_nano_usd = w.reserved_nano_usd - counted.reserved_nano_usd,
        settled_nano_usd = w.settled_nano_usd + counted.charged_nano_usd,
        frozen_at = CASE WHEN counted.overrun_nano_usd > 0 OR ${end.freeze}::text IS NOT NULL
                    THEN COALESCE(w.frozen_at, counted.at) ELSE w.frozen_at END,
        frozen_reason = CASE WHEN counted.overrun_nano_usd > 0 THEN 'overrun' ELSE COALESCE(${end.freeze}::text, w.frozen_reason) END
      FROM counted WHERE w.id = counted.window_id
      RETURNING w.id
    )
    SELECT (SELECT count(*) FROM part) AS "parts", (SELECT count(*) FROM returned) AS "ended",
           (SELECT COALESCE(max(overrun_nano_usd), 0)::bigint FROM counted) AS "overrunNanoUsd"`;

/**
 * Forfeits, in full, every attempt whose time is over and that nobody ended: its process died, or lost its answer.
 * Several reapers at once book each attempt once. Returns the number of attempts.
 */
export async function reapExpired(db: Database, limit: number): Promise<number> {
  const rows = await db.$queryRaw<{ attempts: bigint }[]>`
    WITH expired AS MATERIALIZED (
      SELECT e.attempt_id, e.part, e.window_id, e.reserved_nano_usd, e.cushion_nano_usd
      FROM budget_window w JOIN budget_entry e ON e.window_id = w.id
      WHERE w.reserved_nano_usd > 0 AND e.kind = 'reserve' AND e.expires_at < (SELECT budget_now())
        AND NOT EXISTS (
          SELECT FROM budget_entry t WHERE t.attempt_id = e.attempt_id AND t.part = e.part AND t.kind <> 'reserve'
        )
      ORDER BY e.expires_at LIMIT ${limit}::int
    ),
    locked AS MATERIALIZED (
      SELECT w.id FROM budget_window w
      WHERE w.id IN (SELECT expired.window_id FROM expired)
      ORDER BY w.budget_id
      FOR NO KEY UPDATE OF w
    ),
    ending AS (
      INSERT INTO budget_entry (attempt_id, part, window_id, kind, reserved_nano_usd, cushion_nano_usd, charged_nano_usd, detail, at)
      SELECT expired.attempt_id, expired.part, expired.window_id, 'forfeit', expired.reserved_nano_usd, expired.cushion_nano_usd,
             expired.reserved_nano_usd, '{"reason":"expired"}'::jsonb, budget_now()
      FROM locked JOIN expired ON expired.window_id = locked.id
      ON CONFLICT DO NOTHING
      RETURNING attempt_id, window_id, reserved_nano_usd, charged_nano_usd
    ),
    summed AS (
      SELECT window_id, sum(reserved_nano_usd)::bigint AS reserved_nano_usd, sum(charged_nano_usd)::bigint AS charged_nano_usd
      FROM ending GROUP BY window_id
    ),
    returned AS (
      UPDATE budget_window w SET
        reserved_nano_usd = w.reserved_nano_usd - summed.reserved_nano_usd,
        settled_nano_usd = w.settled_nano_usd + summed.charged_nano_usd
      FROM summed WHERE w.id = summed.window_id
    )
    SELECT count(DISTINCT attempt_id) AS "attempts" FROM ending`;
  return Number(rows[0]?.attempts ?? 0n);
}
