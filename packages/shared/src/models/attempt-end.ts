import type { Ledger } from '../budget/ledger.ts';
import type { NanoUsd } from '../budget/money.ts';
import type { AttemptContext, Attempted } from './attempt.ts';
import { recordEnd, stopOf } from './call-record.ts';
import type { Model } from './catalog.ts';
import { countCall } from './count-call.ts';
import { outcomeOf, type SeenResult } from './outcomes.ts';
import { priceUsage } from './price-usage.ts';
import type { CallReport } from './providers/provider.ts';
import { storable } from './request-hash.ts';
import type { Usage } from './types.ts';

export interface FinishedCall {
  readonly id: string;
  /** The instant whose prices hold. */
  readonly at: Date;
  readonly seen: CallReport;
  readonly latencyMs: number;
}

/** Records how an attempt ended, then books its money, by the outcome table. */
export async function endAttempt(
  context: AttemptContext,
  { id, at, seen, latencyMs }: FinishedCall,
): Promise<Attempted> {
  const { db, ledger, log, model, provider, bound } = context;
  const { report, cost } = priced(seen, context, at);
  const { money, next } = outcomeOf(report.result);
  const answered = next === 'reply';
  const costNanoUsd = cost === 'all' ? ledger.heldFor(bound.amountNanoUsd) : cost;
  const usage = report.usage ?? (answered ? worstUsage(context) : null);
  const state = answered ? 'committed' : money === 'release' ? 'released' : 'forfeited';
  await recordEnd(db, id, { state, costNanoUsd, usage, latencyMs, report });
  const overrunNanoUsd = await bookEnd(ledger, { id, result: report.result, cost, reason: report.reason });
  countCall({
    role: context.question.request.role,
    model: model.id,
    money: cost === 'all' ? 'forfeit' : money,
    usage: report.usage,
    costNanoUsd,
    latencyMs,
  });

  if (overrunNanoUsd > 0n) {
    log.error({ callId: id, model: model.id, overrunNanoUsd: String(overrunNanoUsd) }, 'call cost more than its bound');
  }
  log[answered ? 'info' : 'warn'](
    {
      callId: id,
      role: context.question.request.role,
      model: model.id,
      outcome: report.result,
      tokens: report.usage,
      costNanoUsd: String(costNanoUsd),
      reservedNanoUsd: String(ledger.heldFor(bound.amountNanoUsd)),
      latencyMs,
      ...(report.reason === '' ? {} : { reason: report.reason, httpStatus: report.httpStatus }),
    },
    'model call',
  );
  if (!answered || !usage) return { report, reply: null };
  const { text, result } = report;
  const { id: vendor } = provider;
  return {
    report,
    reply: {
      callId: id,
      text: storable(text),
      stop: stopOf(result),
      provider: vendor,
      model: model.name,
      usage,
      costNanoUsd,
      replayed: false,
    },
  };
}

/** What an attempt is charged; `all`: everything that is held for it, because what it cost is not known. */
type Cost = NanoUsd | 'all';

/** Ends an attempt in the ledger; a second time does nothing. Returns by how much the cost passed the bound. */
export async function bookEnd(
  ledger: Ledger,
  end: { readonly id: string; readonly result: SeenResult; readonly cost: Cost; readonly reason?: string },
): Promise<NanoUsd> {
  const { money, freezes } = outcomeOf(end.result);
  const detail = { result: end.result, ...(freezes ? { reason: end.reason } : {}) };
  const attempt = { attemptId: end.id, detail };
  if (money === 'release') return (await ledger.release(attempt)).overrunNanoUsd;
  if (end.cost === 'all') {
    const forfeiture = { ...attempt, ...(freezes ? { freeze: 'not_as_priced' as const } : {}) };
    return (await ledger.forfeit(forfeiture)).overrunNanoUsd;
  }
  const charged = { ...attempt, chargedNanoUsd: end.cost };
  return (await (money === 'settle' ? ledger.settle(charged) : ledger.forfeit(charged))).overrunNanoUsd;
}

/** The report with its cost. A usage that has no price is as good as none. */
function priced(seen: CallReport, context: AttemptContext, at: Date): { report: CallReport; cost: Cost } {
  const { money, freezes } = outcomeOf(seen.result);
  if (money === 'release') return { report: seen, cost: 0n };
  // Not even the input has the price that was reserved for.
  if (freezes) return { report: seen, cost: 'all' };
  if (money === 'forfeit') return { report: seen, cost: mostItCanHaveCost(seen, context, at) };
  const exact = seen.usage && tryPrice(context.model, seen.usage, at);
  if (typeof exact === 'bigint') return { report: seen, cost: exact };
  return { report: { ...seen, result: 'missing_usage', usage: null, reason: 'the usage has no price' }, cost: 'all' };
}

/** Exact input and the whole output limit, where the input is known and that is less than the bound. */
function mostItCanHaveCost(seen: CallReport, { model, bound, request }: AttemptContext, at: Date): Cost {
  if (!seen.input) return 'all';
  const most = tryPrice(model, { ...seen.input, output: request.maxOutputTokens, reasoning: 0 }, at);
  return most !== null && most < bound.amountNanoUsd ? most : 'all';
}

function tryPrice(model: Model, usage: Usage, at: Date): NanoUsd | null {
  try {
    return priceUsage(model, usage, at);
  } catch {
    return null;
  }
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
