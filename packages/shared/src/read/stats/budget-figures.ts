import type { AlertLevel } from '../../budget/alerts.ts';
import { GLOBAL_BUDGET } from '../../budget/budget-ids.ts';
import { budgetReport } from '../../budget/report.ts';
import type { Database } from '../../db/client.ts';

/** Where the global budget stands now. */
export interface BudgetFigures {
  /** null: the last phase has ended. */
  readonly phase: string | null;
  /** Of the window that is open now: spent and held. */
  readonly committedNanoUsd: bigint;
  readonly limitNanoUsd: bigint;
  readonly remainingNanoUsd: bigint;
  /** The highest that was announced for this window. */
  readonly warningLevel: AlertLevel | 'none';
  readonly frozen: boolean;
}

/** null where the budget has not begun. */
export async function budgetFigures(db: Database): Promise<BudgetFigures | null> {
  const report = await budgetReport(db, GLOBAL_BUDGET);
  if (report === null) return null;
  const { phase, window } = report;
  const limitNanoUsd = window?.limitNanoUsd ?? phase?.limitNanoUsd ?? 0n;
  return {
    phase: phase?.name ?? null,
    committedNanoUsd: window?.committedNanoUsd ?? 0n,
    limitNanoUsd,
    remainingNanoUsd: window?.freeNanoUsd ?? limitNanoUsd,
    warningLevel: window === null ? 'none' : await warningLevel(db, window.startsAt),
    frozen: window !== null && window.frozenReason !== null,
  };
}

async function warningLevel(db: Database, windowStartsAt: Date): Promise<BudgetFigures['warningLevel']> {
  const [row] = await db.$queryRaw<{ level: AlertLevel }[]>`
    SELECT data->>'level' AS level FROM event
    WHERE type = 'budget.alert' AND at >= ${windowStartsAt} AND data->>'budgetId' = ${GLOBAL_BUDGET}
      AND (data->>'windowStartsAt')::timestamptz = ${windowStartsAt}
    ORDER BY (data->>'percent')::int DESC LIMIT 1`;
  return row?.level ?? 'none';
}
