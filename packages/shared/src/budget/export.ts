import type { Database } from '../db/client.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import { usdDigits } from './money.ts';
import { budgetReport } from './report.ts';

/** token_budget.json. Amounts are text with all nine decimals: exact, and readable as numbers. */
export type TokenBudgetFile = {
  readonly phase: string | null;
  /** 1 for the first phase. */
  readonly phase_number: number | null;
  /** The first start. */
  readonly start_date: string;
  readonly phase_start: string | null;
  readonly phase_end: string | null;
  readonly window_start: string | null;
  readonly window_end: string | null;
  readonly limit_usd: string;
  readonly spent_usd: string;
  readonly reserved_usd: string;
  readonly remaining_usd: string;
  readonly total_spent_usd: string;
  /** What each UTC day cost. */
  readonly daily_usage: Readonly<Record<string, string>>;
  readonly updated_at: string;
};

/** The seed's file, computed from the ledger; null where the budget has not begun. */
export async function tokenBudgetFile(db: Database, budgetId: string = GLOBAL_BUDGET): Promise<TokenBudgetFile | null> {
  const report = await budgetReport(db, budgetId);
  if (!report) return null;
  const { phase, window } = report;
  return {
    phase: phase?.name ?? null,
    phase_number: phase ? phase.seq + 1 : null,
    start_date: report.startedAt.toISOString(),
    phase_start: phase?.startsAt.toISOString() ?? null,
    phase_end: phase?.endsAt?.toISOString() ?? null,
    window_start: window?.startsAt.toISOString() ?? null,
    window_end: window?.endsAt?.toISOString() ?? null,
    limit_usd: usdDigits(window?.limitNanoUsd ?? phase?.limitNanoUsd ?? 0n),
    spent_usd: usdDigits(window?.settledNanoUsd ?? 0n),
    reserved_usd: usdDigits(window?.inFlightNanoUsd ?? 0n),
    remaining_usd: usdDigits(window ? window.freeNanoUsd : (phase?.limitNanoUsd ?? 0n)),
    total_spent_usd: usdDigits(report.spentNanoUsd),
    daily_usage: Object.fromEntries(report.days.map((day) => [day.day, usdDigits(day.chargedNanoUsd)])),
    updated_at: report.now.toISOString(),
  };
}
