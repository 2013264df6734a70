import type { Logger } from 'pino';
import { BudgetDenied } from '../budget/denied.ts';
import { type Ledger, newAttemptId } from '../budget/ledger.ts';
import type { Environment } from '../config/environment.ts';
import type { Database } from '../db/client.ts';
import { endAttempt } from './attempt-end.ts';
import type { BoundedRequest, CostBound } from './bounds.ts';
import { forgetAttempt, type Question, recordAttempt } from './call-record.ts';
import type { Model } from './catalog.ts';
import type { CallReport, Provider } from './providers/provider.ts';
import type { ModelReply } from './types.ts';

export interface AttemptContext {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly env: Environment;
  readonly log: Logger;
  readonly budgetIds: readonly string[];
  readonly question: Question;
  readonly provider: Provider;
  readonly model: Model;
  readonly request: BoundedRequest;
  readonly bound: CostBound;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

export interface Attempted {
  readonly report: CallReport;
  /** Null where the outcome table gives the caller no answer. */
  readonly reply: ModelReply | null;
}

/** Between the reservation and the start of the request, and between its end and the settlement. */
const SLACK_MS = 5_000;

/**
 * One HTTP attempt: row, reservation, request, record, settlement, in this order.
 *
 * A crash before the record leaves a reservation that keeps counting until it is forfeited. A crash after the record
 * leaves a reply that the next attempt of the stage run finds, settles and uses: nothing is paid twice, and nothing
 * stays uncharged. Throws BudgetDenied when the ledger does; then nothing was sent.
 */
export async function attemptCall(context: AttemptContext): Promise<Attempted> {
  const { db, ledger, bound, model, provider, question } = context;
  const id = newAttemptId();
  const at = context.now();
  const startedMs = performance.now();
  const deadlineMs = context.timeoutMs + SLACK_MS;
  await recordAttempt(db, question, {
    id,
    provider: provider.id,
    model: model.name,
    reservedNanoUsd: ledger.heldFor(bound.amountNanoUsd),
  });
  try {
    const detail = { model: model.id, role: question.request.role, runId: question.runId };
    await ledger.reserve({
      attemptId: id,
      budgetIds: context.budgetIds,
      amountNanoUsd: bound.amountNanoUsd,
      deadlineMs,
      detail,
    });
  } catch (error) {
    // Where only the answer was lost, the money is held for nothing: nothing was sent.
    if (!(error instanceof BudgetDenied)) await ledger.release({ attemptId: id }).catch(() => {});
    await forgetAttempt(db, id).catch(() => {});
    throw error;
  }
  const heldMs = performance.now() - startedMs;
  const timeoutMs = Math.floor(Math.min(context.timeoutMs, deadlineMs - heldMs));
  const seen = timeoutMs > 0 && !context.signal.aborted ? await provider.call({ ...context, timeoutMs }) : NOT_STARTED;
  return endAttempt(context, { id, at, seen, latencyMs: Math.round(performance.now() - startedMs - heldMs) });
}

/** The reservation took so long that the attempt would outlive it, or nobody wants the answer any more. */
const NOT_STARTED: CallReport = {
  result: 'not_sent',
  text: '',
  usage: null,
  input: null,
  httpStatus: null,
  retryAfterMs: null,
  reason: 'the reservation came too late to be used',
  vendorRequestId: null,
};
