import type { Logger } from 'pino';
import { BudgetDenied } from '../budget/denied.ts';
import { type Ledger, newAttemptId } from '../budget/ledger.ts';
import type { NanoUsd } from '../budget/money.ts';
import type { Environment } from '../config/environment.ts';
import type { Database } from '../db/client.ts';
import type { BoundedRequest, CostBound } from './bounds.ts';
import { forgetAttempt, type Question, recordAttempt, recordEnd, stopOf } from './call-record.ts';
import type { Model } from './catalog.ts';
import { outcomeOf } from './outcomes.ts';
import { priceUsage } from './price-usage.ts';
import type { CallReport, Provider } from './providers/provider.ts';
import { storable } from './request-hash.ts';
import type { ModelReply, Usage } from './types.ts';

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
  const { report, exactNanoUsd } = priced(seen, model, at);
  return end(context, { id, at, report, exactNanoUsd, latencyMs: Math.round(performance.now() - startedMs - heldMs) });
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

/** The exact cost of a report; a usage that has no price is as good as none. */
function priced(report: CallReport, model: Model, at: Date): { report: CallReport; exactNanoUsd: NanoUsd } {
  if (!report.usage) return { report, exactNanoUsd: 0n };
  try {
    return { report, exactNanoUsd: priceUsage(model, report.usage, at) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { report: { ...report, result: 'missing_usage', usage: null, reason }, exactNanoUsd: 0n };
  }
}

interface Finished {
  readonly id: string;
  readonly at: Date;
  readonly report: CallReport;
  readonly exactNanoUsd: NanoUsd;
  readonly latencyMs: number;
}

async function end(context: AttemptContext, { id, at, report, exactNanoUsd, latencyMs }: Finished): Promise<Attempted> {
  const { db, ledger, log, model, provider, bound } = context;
  const { money, next } = outcomeOf(report.result);
  const detail = { result: report.result };
  const charged = money === 'settle' ? exactNanoUsd : money === 'release' ? 0n : mostItCanHaveCost(context, report, at);
  const answered = next === 'reply';
  const usage = report.usage ?? (answered ? worstUsage(context) : null);
  const state = answered ? 'committed' : money === 'release' ? 'released' : 'forfeited';
  await recordEnd(db, id, { state, costNanoUsd: charged, usage, latencyMs, report });

  if (money === 'release') await ledger.release({ attemptId: id, detail });
  else if (money === 'forfeit') await ledger.forfeit({ attemptId: id, chargedNanoUsd: charged, detail });
  else {
    const settled = await ledger.settle({ attemptId: id, chargedNanoUsd: charged, detail });
    if (settled.overrunNanoUsd > 0n)
      log.error(
        { callId: id, model: model.id, overrunNanoUsd: String(settled.overrunNanoUsd) },
        'call cost more than its bound',
      );
  }
  log[answered ? 'info' : 'warn'](
    {
      callId: id,
      role: context.question.request.role,
      model: model.id,
      outcome: report.result,
      tokens: report.usage,
      costNanoUsd: String(charged),
      reservedNanoUsd: String(bound.amountNanoUsd),
      latencyMs,
      ...(report.reason === '' ? {} : { reason: report.reason, httpStatus: report.httpStatus }),
    },
    'model call',
  );
  if (!answered || !usage) return { report, reply: null };
  const reply: ModelReply = {
    callId: id,
    text: storable(report.text),
    stop: stopOf(report.result),
    provider: provider.id,
    model: model.name,
    usage,
    costNanoUsd: charged,
    replayed: false,
  };
  return { report, reply };
}

/** Exact input and the whole output limit, where the input is known and that is less than what is held. */
function mostItCanHaveCost({ ledger, model, bound, request }: AttemptContext, report: CallReport, at: Date): NanoUsd {
  const held = ledger.heldFor(bound.amountNanoUsd);
  if (!report.input) return held;
  try {
    const most = priceUsage(model, { ...report.input, output: request.maxOutputTokens, reasoning: 0 }, at);
    if (most < held) return most;
  } catch {
    // Without a price for it, the input tells nothing.
  }
  return held;
}

/** What is shown for a reply whose usage the vendor did not tell. */
const worstUsage = ({ bound, request }: AttemptContext): Usage => ({
  input: bound.inputTokens,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: request.maxOutputTokens,
  reasoning: 0,
});
