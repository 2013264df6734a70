import type { OrchestratorConfig } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import type { BoundedRequest } from '../models/bounds.ts';
import type { Model } from '../models/catalog.ts';
import { dearestInput } from '../models/dearest-input.ts';
import { priceAt, ratesFor, toNano } from '../models/price-usage.ts';
import { resolveModel } from '../models/resolve-model.ts';
import { largestOf, type NanoUsd } from './money.ts';

type PaidRole = 'analyzer' | 'coder';

/** What one call of a role costs. */
export interface CallCost {
  readonly role: PaidRole;
  readonly model: string;
  /** What is reserved for the largest request that the configuration allows, without the cushion. */
  readonly worstNanoUsd: NanoUsd;
  /** What nine of ten such calls cost lately; the worst case where none is on record. */
  readonly predictedNanoUsd: NanoUsd;
  readonly observedCalls: number;
}

export interface TaskCost {
  /** A specification, a change and the planned repairs, in order. */
  readonly calls: readonly CallCost[];
  readonly predictedNanoUsd: NanoUsd;
  readonly worstNanoUsd: NanoUsd;
  /**
   * What must be free for the task to run through without waiting: at each of its calls, what the calls before it
   * probably cost and the whole of what it reserves itself.
   */
  readonly neededNanoUsd: NanoUsd;
  /** The largest single reservation: a window smaller than this never sees the task end. */
  readonly largestCallNanoUsd: NanoUsd;
}

export type TaskCostConfig = Pick<OrchestratorConfig, 'models' | 'budget'>;

const OBSERVED_CALLS = 50;

/** What a task costs under a configuration, by the catalog and what calls of these models have cost so far. */
export async function taskCost(
  db: Database,
  config: TaskCostConfig,
  options: { readonly now: Date; readonly heldFor: (amount: NanoUsd) => NanoUsd },
): Promise<TaskCost> {
  const [analyzer, coder] = await Promise.all([
    callCost(db, config, 'analyzer', options.now),
    callCost(db, config, 'coder', options.now),
  ]);
  return sumTaskCost(
    [analyzer, ...Array.from({ length: 1 + config.budget.plannedRepairs }, () => coder)],
    options.heldFor,
  );
}

/** Pure part of `taskCost`. */
export function sumTaskCost(calls: readonly CallCost[], heldFor: (amount: NanoUsd) => NanoUsd): TaskCost {
  let before = 0n;
  const needs = calls.map((call) => {
    const need = before + heldFor(call.worstNanoUsd);
    before += call.predictedNanoUsd;
    return need;
  });
  return {
    calls,
    predictedNanoUsd: before,
    worstNanoUsd: calls.reduce((sum, call) => sum + call.worstNanoUsd, 0n),
    neededNanoUsd: largestOf([...needs, before]),
    largestCallNanoUsd: largestOf(calls.map((call) => heldFor(call.worstNanoUsd))),
  };
}

async function callCost(db: Database, config: TaskCostConfig, role: PaidRole, now: Date): Promise<CallCost> {
  const { model } = resolveModel({
    role,
    configured: config.models[role].model,
    onRetired: config.models.onRetired,
    now,
    overrides: config.models.catalog,
  });
  const worstNanoUsd = worstCall(model, config.models[role], now);
  const observed = await observedCost(db, role, model);
  const predictedNanoUsd =
    observed.calls > 0 && observed.ninthNanoUsd < worstNanoUsd ? observed.ninthNanoUsd : worstNanoUsd;
  return { role, model: model.id, worstNanoUsd, predictedNanoUsd, observedCalls: observed.calls };
}

/** The largest request of a role: all of its context, all of it written to the cache where that is dearer, all of its output. */
function worstCall(model: Model, limits: { maxInputTokens: number; maxOutputTokens: number }, now: Date): NanoUsd {
  const rates = ratesFor(priceAt(model, now), limits.maxInputTokens);
  const request: Pick<BoundedRequest, 'messages'> = { messages: [{ role: 'user', content: '', cacheable: true }] };
  const output = Math.min(limits.maxOutputTokens, model.maxOutputTokens);
  return toNano(BigInt(limits.maxInputTokens) * dearestInput(model, request, rates) + BigInt(output) * rates.output);
}

async function observedCost(
  db: Database,
  role: string,
  model: Model,
): Promise<{ calls: number; ninthNanoUsd: NanoUsd }> {
  const rows = await db.$queryRaw<{ calls: bigint; ninth: bigint | null }[]>`
    SELECT count(*) AS calls, percentile_disc(0.9) WITHIN GROUP (ORDER BY cost_nano_usd) AS ninth FROM (
      SELECT cost_nano_usd FROM model_call
      WHERE role = ${role} AND provider = ${model.provider} AND model = ${model.name} AND state = 'committed' AND cost_nano_usd > 0
      ORDER BY created_at DESC LIMIT ${OBSERVED_CALLS}::int
    ) latest`;
  return { calls: Number(rows[0]?.calls ?? 0n), ninthNanoUsd: rows[0]?.ninth ?? 0n };
}
