import type { Database } from '../db/client.ts';
import type { NanoUsd } from './money.ts';
import type { PlannedPhase } from './plan.ts';

export interface NewPlan {
  readonly budgetId: string;
  readonly planHash: string;
  readonly startedAt: Date;
  readonly phases: readonly PlannedPhase[];
  readonly reason: 'start' | 'import';
}

/** Begins a budget, unless it has begun: the first to write wins, and there is only one start. */
export async function writePlan(db: Database, plan: NewPlan): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    WITH begun AS (
      INSERT INTO budget (id, plan_hash, started_at)
      VALUES (${plan.budgetId}, ${plan.planHash}, ${plan.startedAt}::timestamptz)
      ON CONFLICT DO NOTHING
      RETURNING id, revision
    )
    INSERT INTO budget_phase
      (id, budget_id, revision, seq, name, kind, limit_nano_usd, every_ms, advance_when_exhausted, starts_at, ends_at, reason, created_at)
    SELECT gen_random_uuid(), begun.id, begun.revision, p.seq, p.name, p.kind, p.limit_nano_usd, p.every_ms, p.advance, p.starts_at,
           p.ends_at, ${plan.reason}, budget_now()
    FROM begun CROSS JOIN jsonb_to_recordset(${phaseRows(plan.phases)}::jsonb) AS p
      (seq int, name text, kind text, limit_nano_usd bigint, every_ms bigint, advance boolean, starts_at timestamptz, ends_at timestamptz)
    RETURNING id`;
  return rows.length > 0;
}

export interface PlanRevision {
  readonly budgetId: string;
  /** The revision that was read; if there is a newer one meanwhile, nothing is written. */
  readonly revision: number;
  readonly planHash: string;
  readonly phases: readonly PlannedPhase[];
  readonly reason: 'config' | 'exhausted';
  readonly now: Date;
  /** The latest window and what becomes of it; a null limit stays. */
  readonly window: { readonly id: string; readonly endsAt: Date | null; readonly limitNanoUsd: NanoUsd | null } | null;
  /** Write only if nothing is in flight in the window and less than this is left. */
  readonly onlyIfLeftBelow?: NanoUsd;
}

/**
 * Writes the next revision of a plan together with what it does to the latest window, or nothing: where another revision
 * or a later window was faster. Returns whether it was written.
 */
export async function writeRevision(db: Database, change: PlanRevision): Promise<boolean> {
  const window = change.window;
  const rows = await db.$queryRaw<unknown[]>`
    WITH bumped AS (
      UPDATE budget b SET revision = b.revision + 1, plan_hash = ${change.planHash}
      WHERE b.id = ${change.budgetId} AND b.revision = ${change.revision}
        AND NOT EXISTS (
          SELECT FROM budget_window w WHERE w.budget_id = b.id AND w.starts_at > ${change.now}::timestamptz
        )
        AND (${change.onlyIfLeftBelow ?? null}::bigint IS NULL OR EXISTS (
          SELECT FROM budget_window w
          WHERE w.id = ${window?.id ?? null}::uuid AND w.reserved_nano_usd = 0
            AND w.limit_nano_usd - w.settled_nano_usd < ${change.onlyIfLeftBelow ?? null}::bigint
        ))
      RETURNING b.id, b.revision
    ),
    windowed AS (
      UPDATE budget_window w SET
        ends_at = ${window?.endsAt ?? null}::timestamptz,
        limit_nano_usd = GREATEST(COALESCE(${window?.limitNanoUsd ?? null}::bigint, w.limit_nano_usd),
                                  w.reserved_nano_usd + w.settled_nano_usd),
        frozen_at = CASE
          WHEN ${window?.limitNanoUsd ?? null}::bigint < w.reserved_nano_usd + w.settled_nano_usd THEN COALESCE(w.frozen_at, budget_now())
          WHEN ${window?.limitNanoUsd ?? null}::bigint IS NOT NULL AND w.frozen_reason = 'limit_lowered' THEN NULL
          ELSE w.frozen_at END,
        frozen_reason = CASE
          WHEN ${window?.limitNanoUsd ?? null}::bigint < w.reserved_nano_usd + w.settled_nano_usd THEN COALESCE(w.frozen_reason, 'limit_lowered')
          WHEN ${window?.limitNanoUsd ?? null}::bigint IS NOT NULL AND w.frozen_reason = 'limit_lowered' THEN NULL
          ELSE w.frozen_reason END
      FROM bumped WHERE w.id = ${window?.id ?? null}::uuid AND w.budget_id = bumped.id
    )
    INSERT INTO budget_phase
      (id, budget_id, revision, seq, name, kind, limit_nano_usd, every_ms, advance_when_exhausted, starts_at, ends_at, reason, created_at)
    SELECT gen_random_uuid(), bumped.id, bumped.revision, p.seq, p.name, p.kind, p.limit_nano_usd, p.every_ms, p.advance,
           p.starts_at, p.ends_at, ${change.reason}, budget_now()
    FROM bumped CROSS JOIN jsonb_to_recordset(${phaseRows(change.phases)}::jsonb) AS p
      (seq int, name text, kind text, limit_nano_usd bigint, every_ms bigint, advance boolean, starts_at timestamptz, ends_at timestamptz)
    RETURNING id`;
  return rows.length > 0;
}

function phaseRows(phases: readonly PlannedPhase[]): string {
  return JSON.stringify(
    phases.map((phase) => ({
      seq: phase.seq,
      name: phase.name,
      kind: phase.kind,
      // Text: JSON numbers would pass through a double on the way.
      limit_nano_usd: phase.limitNanoUsd.toString(),
      every_ms: phase.everyMs,
      advance: phase.advanceWhenExhausted,
      starts_at: phase.startsAt.toISOString(),
      ends_at: phase.endsAt?.toISOString() ?? null,
    })),
  );
}
