import type { Database } from '../db/client.ts';
import type { FreezeReason } from './freeze.ts';
import type { NanoUsd } from './money.ts';

/** A window as it stands at `now`, in database time. */
export interface WindowState {
  readonly budgetId: string;
  readonly now: Date;
  readonly id: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly limitNanoUsd: NanoUsd;
  readonly reservedNanoUsd: NanoUsd;
  readonly settledNanoUsd: NanoUsd;
  readonly frozenAt: Date | null;
  readonly frozenReason: FreezeReason | null;
}

/**
 * Opens the window of the moment of each budget, where it is not open yet. Any number of processes may do so at once:
 * one row comes of it. A plan that is being changed in the same instant opens nothing; the caller looks again.
 */
export async function openWindows(db: Database, budgetIds: readonly string[]): Promise<void> {
  await db.$executeRaw`
    WITH planned AS MATERIALIZED (
      SELECT b.id, b.revision FROM budget b WHERE b.id = ANY (${[...budgetIds]}::text[]) ORDER BY b.id FOR SHARE OF b
    ),
    instant AS MATERIALIZED (
      SELECT budget_now() AS at FROM (SELECT count(*) FROM planned) counted
    ),
    span AS (
      SELECT p.budget_id, p.id AS phase_id, p.limit_nano_usd, instant.at,
             CASE p.kind WHEN 'total' THEN p.starts_at ELSE GREATEST(p.starts_at, budget_utc_day(instant.at)) END AS starts_at,
             CASE p.kind WHEN 'total' THEN p.ends_at ELSE LEAST(p.ends_at, budget_utc_day(instant.at) + interval '24 hours') END AS ends_at
      FROM instant CROSS JOIN planned JOIN budget_phase p ON p.budget_id = planned.id AND p.revision = planned.revision
      WHERE p.starts_at <= instant.at AND (p.ends_at IS NULL OR instant.at < p.ends_at)
    )
    INSERT INTO budget_window (id, budget_id, phase_id, starts_at, ends_at, limit_nano_usd, opened_at)
    SELECT gen_random_uuid(), span.budget_id, span.phase_id, span.starts_at, span.ends_at, span.limit_nano_usd, span.at FROM span
    WHERE NOT EXISTS (
      SELECT FROM budget_window w
      WHERE w.budget_id = span.budget_id AND w.starts_at <= span.at AND (w.ends_at IS NULL OR span.at < w.ends_at)
    )
    ON CONFLICT DO NOTHING`;
}

/** The windows that are open now, of those budgets that have one. */
export async function currentWindows(db: Database, budgetIds: readonly string[]): Promise<WindowState[]> {
  return db.$queryRaw<WindowState[]>`
    WITH instant AS MATERIALIZED (SELECT budget_now() AS at)
    SELECT w.budget_id AS "budgetId", instant.at AS "now", w.id, w.starts_at AS "startsAt", w.ends_at AS "endsAt",
           w.limit_nano_usd AS "limitNanoUsd", w.reserved_nano_usd AS "reservedNanoUsd", w.settled_nano_usd AS "settledNanoUsd",
           w.frozen_at AS "frozenAt", w.frozen_reason AS "frozenReason"
    FROM budget_window w CROSS JOIN instant
    WHERE w.budget_id = ANY (${[...budgetIds]}::text[])
      AND w.starts_at <= instant.at AND (w.ends_at IS NULL OR instant.at < w.ends_at)
    ORDER BY w.budget_id`;
}

/** The window that was opened last. A phase that ended in the instant in which it began left an empty one behind. */
export async function latestWindow(
  db: Database,
  budgetId: string,
): Promise<Pick<WindowState, 'id' | 'startsAt' | 'endsAt' | 'limitNanoUsd'> | undefined> {
  const rows = await db.$queryRaw<Pick<WindowState, 'id' | 'startsAt' | 'endsAt' | 'limitNanoUsd'>[]>`
    SELECT id, starts_at AS "startsAt", ends_at AS "endsAt", limit_nano_usd AS "limitNanoUsd" FROM budget_window
    WHERE budget_id = ${budgetId} ORDER BY starts_at DESC, ends_at DESC NULLS FIRST LIMIT 1`;
  return rows[0];
}
