import { AppError } from '../errors/app-error.ts';
import type { Model } from './catalog.ts';
import { ModelWait } from './model-wait.ts';
import { type OutcomeRow, outcomeOf } from './outcomes.ts';
import type { CallReport, Provider } from './providers/provider.ts';
import { pauseMs, type RetryPolicy } from './retry-policy.ts';
import type { Role } from './types.ts';

interface Situation {
  /** 1 for the first. */
  readonly attempt: number;
  readonly policy: RetryPolicy;
  readonly provider: Provider;
  readonly model: Model;
  readonly role: Role;
  readonly now: Date;
}

/** What follows an attempt without an answer, by the outcome table: another one after a pause, or the caller's error. */
export function failureOf(report: CallReport, situation: Situation): AppError | { readonly pauseMs: number } {
  const outcome = outcomeOf(report.result);
  const { attempt, policy, now } = situation;
  if (outcome.next !== 'retry' && outcome.next !== 'wait') return finalError(outcome, report, situation);
  const pause = pauseMs(policy, attempt + 1, report.retryAfterMs);
  if (attempt < policy.maxAttempts && pause <= policy.maxInlineWaitMs) return { pauseMs: pause };
  // Money may be gone: the stage's own count of errors ends this.
  if (outcome.money === 'forfeit') return finalError(outcome, report, situation);
  const waitMs = Math.max(pause, attempt < policy.maxAttempts ? 0 : policy.parkMs);
  const code = outcome.error === 'MODEL_RATE_LIMITED' ? 'MODEL_RATE_LIMITED' : 'MODEL_UNAVAILABLE';
  return new ModelWait(code, new Date(now.getTime() + waitMs), { ...detailOf(report, situation), waitMs });
}

const finalError = (outcome: OutcomeRow, report: CallReport, situation: Situation): AppError =>
  new AppError(outcome.error ?? 'MODEL_UNAVAILABLE', detailOf(report, situation));

/** Every value that the texts of the error table name. */
function detailOf(report: CallReport, { provider, model, role }: Situation): Record<string, unknown> {
  return {
    provider: provider.name,
    model: model.id,
    role,
    variable: provider.keyVariable,
    status: report.httpStatus,
    reason: report.reason,
    problem: report.reason,
    result: report.result,
  };
}
