import { announceOnce } from '../db/announce-once.ts';
import type { Database } from '../db/client.ts';
import { type FreezeReason, freezeText } from './freeze.ts';

/** The `data` of a `budget.frozen` event. */
export interface BudgetFrozen {
  readonly budgetId: string;
  readonly phase: string;
  readonly reason: FreezeReason;
  readonly why: string;
  /** What ends it. */
  readonly next: string;
  readonly spentNanoUsd: string;
  readonly limitNanoUsd: string;
  readonly windowEndsAt: string | null;
}

interface Row {
  readonly key: string;
  readonly budgetId: string;
  readonly phase: string;
  readonly reason: FreezeReason;
  readonly spentNanoUsd: bigint;
  readonly limitNanoUsd: bigint;
  readonly endsAt: Date | null;
}

/** Writes an event for each window that was frozen lately and was not announced yet. Several processes may call it at once. */
export async function announceFreezes(db: Database): Promise<BudgetFrozen[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT 'budget.frozen:' || w.id || ':' || extract(epoch FROM w.frozen_at) AS key, w.budget_id AS "budgetId", p.name AS phase,
      w.frozen_reason AS reason, w.settled_nano_usd AS "spentNanoUsd", w.limit_nano_usd AS "limitNanoUsd", w.ends_at AS "endsAt"
    FROM budget_window w JOIN budget_phase p ON p.id = w.phase_id
    WHERE w.frozen_at > budget_now() - interval '1 day' AND w.frozen_reason IS NOT NULL
      AND NOT EXISTS (SELECT FROM setting s WHERE s.key = 'budget.frozen:' || w.id || ':' || extract(epoch FROM w.frozen_at))`;
  const announced: BudgetFrozen[] = [];
  for (const row of rows) {
    const frozen: BudgetFrozen = {
      budgetId: row.budgetId,
      phase: row.phase,
      reason: row.reason,
      why: freezeText(row.reason),
      next:
        row.reason === 'limit_lowered'
          ? 'with its window, or when the limit is raised'
          : 'with its window, or by: orchestrator budget thaw',
      spentNanoUsd: String(row.spentNanoUsd),
      limitNanoUsd: String(row.limitNanoUsd),
      windowEndsAt: row.endsAt?.toISOString() ?? null,
    };
    if (await announceOnce(db, row.key, { type: 'budget.frozen', data: frozen })) announced.push(frozen);
  }
  return announced;
}
