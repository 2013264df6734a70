import type { Database } from '../db/client.ts';

/** Why nothing is spent from a window. Each means that a sum which the budget rests on was not what it should be. */
const REASONS = {
  overrun: 'a call cost more than its bound; see `orchestrator audit`',
  not_as_priced:
    'an answer was not of the model, service tier, speed or region that was priced; see `orchestrator budget`',
  audit: 'the ledger and its counters differ; see `orchestrator audit`',
  limit_lowered: 'its limit was lowered below what is spent',
} as const;

export type FreezeReason = keyof typeof REASONS;

export const freezeText = (reason: FreezeReason): string => REASONS[reason];

/**
 * Lets a budget spend again that a call or an audit has frozen: a person has looked at it. What froze it stays on record.
 * A lowered limit is not among them: the configuration lifts it. Returns the number of windows.
 */
export async function thaw(db: Database, budgetId: string): Promise<number> {
  return db.$executeRaw`
    UPDATE budget_window SET frozen_at = NULL, frozen_reason = NULL
    WHERE budget_id = ${budgetId} AND frozen_reason IN ('overrun', 'not_as_priced', 'audit')
      AND (ends_at IS NULL OR ends_at > budget_now())`;
}
