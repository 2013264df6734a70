import type { Database } from '../db/client.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import { nextTick } from './cadence.ts';
import type { FreezeReason } from './freeze.ts';
import { type DaySpending, dailySpending } from './history.ts';
import type { NanoUsd } from './money.ts';
import { type BudgetPlan, budgetNow, readPlan } from './phases.ts';
import { DAY_MS, type PlannedPhase, phaseAt } from './plan.ts';
import { utcDay } from './window-span.ts';

/** A window with what became of its money. committed = inFlight + settled; settled includes what was forfeited. */
export interface WindowReport {
  readonly phase: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly limitNanoUsd: NanoUsd;
  readonly committedNanoUsd: NanoUsd;
  readonly settledNanoUsd: NanoUsd;
  readonly forfeitedNanoUsd: NanoUsd;
  readonly inFlightNanoUsd: NanoUsd;
  readonly inFlightCalls: number;
  readonly freeNanoUsd: NanoUsd;
  readonly frozenReason: FreezeReason | null;
  /** What the answer said that froze it; null where something else did. */
  readonly frozenBy: string | null;
}

export interface BudgetReport {
  readonly budgetId: string;
  readonly now: Date;
  readonly startedAt: Date;
  /** Current; null after the last has ended. */
  readonly phase: PlannedPhase | null;
  readonly phases: readonly PlannedPhase[];
  /** Whole and begun days until the phase ends; null: open. */
  readonly daysLeft: number | null;
  readonly nextTick: Date | null;
  /** The window that is open now; null where nothing was asked of it yet. */
  readonly window: WindowReport | null;
  /** The latest windows, newest first. */
  readonly windows: readonly WindowReport[];
  readonly spentNanoUsd: NanoUsd;
  /** Average of the last seven UTC days, or of those since the start where there are fewer. */
  readonly burnPerDayNanoUsd: NanoUsd;
  readonly days: readonly DaySpending[];
}

const RECENT_WINDOWS = 14;
const BURN_DAYS = 7;

/** What `orchestrator budget` shows, computed from the ledger; null where the budget has not begun. */
export async function budgetReport(db: Database, budgetId: string = GLOBAL_BUDGET): Promise<BudgetReport | null> {
  const plan = await readPlan(db, budgetId);
  if (!plan) return null;
  const now = await budgetNow(db);
  const [windows, days] = await Promise.all([recentWindows(db, budgetId), dailySpending(db, budgetId)]);
  const phase = phaseAt(plan.phases, now) ?? null;
  const left = phase?.endsAt ? phase.endsAt.getTime() - now.getTime() : null;
  return {
    budgetId,
    now,
    startedAt: plan.startedAt,
    phase,
    phases: plan.phases,
    daysLeft: left === null ? null : Math.ceil(left / DAY_MS),
    nextTick: phase && nextTick(phase, now),
    window: windows.find((window) => window.startsAt <= now && (window.endsAt === null || now < window.endsAt)) ?? null,
    windows,
    spentNanoUsd: days.reduce((sum, day) => sum + day.chargedNanoUsd, 0n),
    burnPerDayNanoUsd: burnPerDay(plan, days, now),
    days,
  };
}

function burnPerDay({ startedAt }: BudgetPlan, days: readonly DaySpending[], now: Date): NanoUsd {
  const today = utcDay(now);
  const sinceStart = Math.round((today.getTime() - utcDay(startedAt).getTime()) / DAY_MS) + 1;
  const counted = Math.max(1, Math.min(BURN_DAYS, sinceStart));
  const from = new Date(today.getTime() - (counted - 1) * DAY_MS).toISOString().slice(0, 10);
  const spent = days.filter((day) => day.day >= from).reduce((sum, day) => sum + day.chargedNanoUsd, 0n);
  return spent / BigInt(counted);
}

async function recentWindows(db: Database, budgetId: string): Promise<WindowReport[]> {
  const rows = await db.$queryRaw<(Omit<WindowReport, 'inFlightCalls'> & { inFlightCalls: bigint })[]>`
    SELECT p.name AS phase, w.starts_at AS "startsAt", w.ends_at AS "endsAt", w.limit_nano_usd AS "limitNanoUsd",
           w.reserved_nano_usd + w.settled_nano_usd AS "committedNanoUsd", w.settled_nano_usd AS "settledNanoUsd",
           COALESCE(f.forfeited, 0)::bigint AS "forfeitedNanoUsd", w.reserved_nano_usd AS "inFlightNanoUsd",
           COALESCE(f.reserves - f.ends, 0) AS "inFlightCalls",
           w.limit_nano_usd - w.reserved_nano_usd - w.settled_nano_usd AS "freeNanoUsd", w.frozen_reason AS "frozenReason",
           CASE WHEN w.frozen_reason = 'not_as_priced' THEN (
             SELECT e.detail ->> 'reason' FROM budget_entry e
             WHERE e.window_id = w.id AND e.detail ->> 'freeze' = w.frozen_reason ORDER BY e.id DESC LIMIT 1
           ) END AS "frozenBy"
    FROM budget_window w JOIN budget_phase p ON p.id = w.phase_id
    LEFT JOIN LATERAL (
      SELECT sum(e.charged_nano_usd) FILTER (WHERE e.kind = 'forfeit') AS forfeited,
             count(*) FILTER (WHERE e.kind = 'reserve') AS reserves, count(*) FILTER (WHERE e.kind <> 'reserve') AS ends
      FROM budget_entry e WHERE e.window_id = w.id
    ) f ON true
    WHERE w.budget_id = ${budgetId} ORDER BY w.starts_at DESC LIMIT ${RECENT_WINDOWS}::int`;
  return rows.map((row) => ({ ...row, inFlightCalls: Number(row.inFlightCalls) }));
}
