import { BudgetDenied } from '../budget/denied.ts';
import { AppError } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Outcome } from './outcome.ts';

/** Errors that no task is to blame for: the stage waits until a person has put the machine or the keys right. */
const WAITS: Partial<Record<ErrorCode, { reason: 'sandbox' | 'configuration' | 'budget'; lookAgainMs: number }>> = {
  SANDBOX_UNAVAILABLE: { reason: 'sandbox', lookAgainMs: 60_000 },
  KEY_MISSING: { reason: 'configuration', lookAgainMs: 60_000 },
  KEY_REJECTED: { reason: 'configuration', lookAgainMs: 600_000 },
  MODEL_UNKNOWN: { reason: 'configuration', lookAgainMs: 600_000 },
  MODEL_NOT_OFFERED: { reason: 'configuration', lookAgainMs: 600_000 },
  MODEL_RETIRED: { reason: 'configuration', lookAgainMs: 600_000 },
  GITHUB_FORBIDDEN: { reason: 'configuration', lookAgainMs: 600_000 },
  GITHUB_APP_NOT_INSTALLED: { reason: 'configuration', lookAgainMs: 600_000 },
  GITHUB_NOT_FOUND: { reason: 'configuration', lookAgainMs: 600_000 },
  MODEL_NOT_AS_PRICED: { reason: 'budget', lookAgainMs: 600_000 },
  MODEL_SPEND_LIMIT: { reason: 'configuration', lookAgainMs: 3_600_000 },
  HOME_NOT_WRITABLE: { reason: 'configuration', lookAgainMs: 60_000 },
  DISK_FULL: { reason: 'configuration', lookAgainMs: 60_000 },
  BUDGET_FROZEN: { reason: 'budget', lookAgainMs: 600_000 },
};

type Settled = Exclude<Outcome, { kind: 'advance' | 'rework' }>;

/** What a thrown error means for the stage run: wait, fail the run, or try the stage again. */
export function classify(error: unknown): { kind: 'outcome'; outcome: Settled } | { kind: 'retry' } {
  if (!(error instanceof AppError)) return { kind: 'retry' };
  const detail = { code: error.code, message: error.message, next: error.next };
  if (error instanceof BudgetDenied && error.kind !== 'NEVER_FITS') {
    // Money in flight comes back within seconds; a window opens when it opens, by the database's clock.
    const afterMs = error.kind === 'WAIT_SETTLING' ? { afterMs: 5_000 } : {};
    return { kind: 'outcome', outcome: { kind: 'wait', reason: 'budget', until: error.until, ...afterMs, detail } };
  }
  if ('until' in error && error.until instanceof Date) {
    // A vendor said how long to wait; the instant was made of it with this process's clock.
    const afterMs = Math.max(0, error.until.getTime() - Date.now());
    return { kind: 'outcome', outcome: { kind: 'wait', reason: 'rate_limit', until: null, afterMs, detail } };
  }
  const wait = WAITS[error.code];
  if (wait) {
    const { reason, lookAgainMs: afterMs } = wait;
    return { kind: 'outcome', outcome: { kind: 'wait', reason, until: null, afterMs, detail } };
  }
  if (error.retryable) return { kind: 'retry' };
  return { kind: 'outcome', outcome: { kind: 'fail', code: error.code, message: error.message, artifacts: [] } };
}
