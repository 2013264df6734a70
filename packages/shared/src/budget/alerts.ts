import type { Database } from '../db/client.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import type { NanoUsd } from './money.ts';
import { budgetNow, readPlan } from './phases.ts';
import { phaseAt } from './plan.ts';

export type AlertLevel = 'yellow' | 'orange' | 'red';

/** The `data` of a `budget.alert` event; amounts are text, as JSON has no integers of this size. */
export interface BudgetAlert {
  readonly budgetId: string;
  readonly phase: string;
  readonly percent: number;
  readonly level: AlertLevel;
  readonly spentNanoUsd: string;
  readonly limitNanoUsd: string;
  readonly windowStartsAt: string;
  readonly windowEndsAt: string | null;
}

const LEVELS: readonly AlertLevel[] = ['red', 'orange', 'yellow'];

/**
 * Writes an event for each window whose spending has passed a threshold that was not announced yet: the highest one
 * passed, once a window. Holds of calls in flight do not count, so that no alert is taken back. Any number of processes
 * may call it at once.
 */
export async function raiseAlerts(db: Database, percents: readonly number[]): Promise<BudgetAlert[]> {
  const ascending = [...new Set(percents)].sort((a, b) => a - b);
  const levels = ascending.map((_, i) => LEVELS[ascending.length - 1 - i] ?? 'yellow');
  const rows = await db.$queryRaw<{ data: BudgetAlert }[]>`
    WITH thresholds AS (
      SELECT * FROM unnest(${ascending}::int[], ${levels}::text[]) AS t (percent, level)
    ),
    crossed AS (
      SELECT DISTINCT ON (w.id) w.id, t.percent, t.level
      FROM budget_window w JOIN thresholds t ON w.settled_nano_usd::numeric * 100 >= w.limit_nano_usd::numeric * t.percent
      WHERE w.limit_nano_usd > 0 AND t.percent > w.alerted_percent
        AND (w.ends_at IS NULL OR w.ends_at > budget_now() - interval '1 hour')
      ORDER BY w.id, t.percent DESC
    ),
    marked AS (
      UPDATE budget_window w SET alerted_percent = crossed.percent
      FROM crossed WHERE w.id = crossed.id AND w.alerted_percent < crossed.percent
      RETURNING w.*, crossed.percent, crossed.level
    )
    INSERT INTO event (type, data)
    SELECT 'budget.alert', jsonb_build_object(
      'budgetId', marked.budget_id, 'phase', p.name, 'percent', marked.percent, 'level', marked.level,
      'spentNanoUsd', marked.settled_nano_usd::text, 'limitNanoUsd', marked.limit_nano_usd::text,
      'windowStartsAt', to_char(marked.starts_at AT TIME ZONE 'UTC', ${ISO}), 'windowEndsAt', to_char(marked.ends_at AT TIME ZONE 'UTC', ${ISO})
    )
    FROM marked JOIN budget_phase p ON p.id = marked.phase_id
    RETURNING data`;
  return rows.map((row) => row.data);
}

/** The `data` of a `budget.phase` event. */
export interface PhaseBegan {
  readonly budgetId: string;
  readonly name: string;
  readonly kind: 'total' | 'per_utc_day';
  readonly limitNanoUsd: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  /** The phase before it, and what its windows came to. */
  readonly before?: { readonly name: string; readonly spentNanoUsd: string; readonly limitNanoUsd: string };
}

/** Writes an event when a phase has begun that was not announced yet. Null where there is nothing new. */
export async function announcePhase(db: Database, budgetId: string = GLOBAL_BUDGET): Promise<PhaseBegan | null> {
  const plan = await readPlan(db, budgetId);
  const phase = plan && phaseAt(plan.phases, await budgetNow(db));
  if (!phase) return null;
  const began: PhaseBegan = {
    budgetId,
    name: phase.name,
    kind: phase.kind,
    limitNanoUsd: text(phase.limitNanoUsd),
    startsAt: phase.startsAt.toISOString(),
    endsAt: phase.endsAt?.toISOString() ?? null,
    ...(await phaseBefore(db, budgetId, plan.phases.find(({ seq }) => seq === phase.seq - 1)?.name)),
  };
  const place = JSON.stringify({ name: phase.name, startsAt: began.startsAt });
  const rows = await db.$queryRaw<unknown[]>`
    WITH noted AS (
      INSERT INTO setting (key, value) VALUES (${`budget.phase:${budgetId}`}, ${place}::jsonb)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE setting.value <> excluded.value
      RETURNING key
    )
    INSERT INTO event (type, data) SELECT 'budget.phase', ${JSON.stringify(began)}::jsonb FROM noted RETURNING id`;
  return rows.length > 0 ? began : null;
}

async function phaseBefore(
  db: Database,
  budgetId: string,
  name: string | undefined,
): Promise<Pick<PhaseBegan, 'before'>> {
  if (name === undefined) return {};
  const [sums] = await db.$queryRaw<{ spent: bigint; most: bigint }[]>`
    SELECT coalesce(sum(w.settled_nano_usd), 0)::bigint AS spent, coalesce(sum(w.limit_nano_usd), 0)::bigint AS most
    FROM budget_window w JOIN budget_phase p ON p.id = w.phase_id WHERE w.budget_id = ${budgetId} AND p.name = ${name}`;
  return { before: { name, spentNanoUsd: text(sums?.spent ?? 0n), limitNanoUsd: text(sums?.most ?? 0n) } };
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
const text = (amount: NanoUsd): string => amount.toString();
