import { GLOBAL_BUDGET } from '../budget/budget-ids.ts';
import { tokenBudgetFile } from '../budget/export.ts';
import { usdDigits } from '../budget/money.ts';
import type { Database } from '../db/client.ts';
import type { LedgerFile } from './ledger-file.ts';

/** What people read in ledger.json: the budget as it stands, and the calls in flight. */
export async function readForPeople(db: Database): Promise<Pick<LedgerFile, 'budget' | 'open'>> {
  const [budget, open] = await Promise.all([
    tokenBudgetFile(db),
    db.$queryRaw<{ attempt: string; amountNanoUsd: bigint; until: Date }[]>`
      SELECT e.attempt_id::text AS attempt, e.reserved_nano_usd AS "amountNanoUsd", e.expires_at AS until
      FROM budget_entry e JOIN budget_window w ON w.id = e.window_id
      WHERE w.budget_id = ${GLOBAL_BUDGET} AND w.reserved_nano_usd > 0 AND e.kind = 'reserve' AND NOT EXISTS (
        SELECT FROM budget_entry t WHERE t.attempt_id = e.attempt_id AND t.part = e.part AND t.kind <> 'reserve')
      ORDER BY e.id`,
  ]);
  return {
    budget,
    open: open.map(({ attempt, amountNanoUsd, until }) => ({
      attempt,
      usd: usdDigits(amountNanoUsd),
      until: until.toISOString(),
    })),
  };
}
