import type { Database } from '../db/client.ts';
import type { NanoUsd } from './money.ts';

/** What one UTC day cost. */
export interface DaySpending {
  /** 2026-11-22 */
  readonly day: string;
  /** Settled and forfeited. */
  readonly chargedNanoUsd: NanoUsd;
  readonly forfeitedNanoUsd: NanoUsd;
  /** Attempts that ended with a charge. */
  readonly calls: number;
}

/** What was charged on each UTC day by the ledger, oldest first; days without a charge are left out. */
export async function dailySpending(db: Database, budgetId: string): Promise<DaySpending[]> {
  const rows = await db.$queryRaw<(Omit<DaySpending, 'calls'> & { calls: bigint })[]>`
    SELECT to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
           sum(e.charged_nano_usd)::bigint AS "chargedNanoUsd",
           COALESCE(sum(e.charged_nano_usd) FILTER (WHERE e.kind = 'forfeit'), 0)::bigint AS "forfeitedNanoUsd",
           count(DISTINCT e.attempt_id) AS calls
    FROM budget_entry e JOIN budget_window w ON w.id = e.window_id
    WHERE w.budget_id = ${budgetId} AND e.kind IN ('settle', 'forfeit') AND e.charged_nano_usd > 0
    GROUP BY 1 ORDER BY 1`;
  return rows.map((row) => ({ ...row, calls: Number(row.calls) }));
}
