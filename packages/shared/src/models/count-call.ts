import type { NanoUsd } from '../budget/money.ts';
import { count, observe } from '../telemetry/record.ts';
import type { Usage } from './types.ts';

export interface CountedCall {
  readonly role: string;
  /** `provider/model`. */
  readonly model: string;
  readonly money: 'settle' | 'release' | 'forfeit';
  readonly usage: Usage | null;
  readonly costNanoUsd: NanoUsd;
  readonly latencyMs: number;
}

const OUTCOMES = { settle: 'settled', release: 'released', forfeit: 'forfeited' } as const;

/** For /metrics. The ledger has the exact amounts. */
export function countCall({ role, model, money, usage, costNanoUsd, latencyMs }: CountedCall): void {
  count('orchestrator_model_calls_total', { role, model, outcome: OUTCOMES[money] });
  if (money === 'forfeit') count('orchestrator_forfeits_total', { by: 'call' });
  count('orchestrator_model_cost_usd_total', { role, model }, Number(costNanoUsd) / 1e9);
  for (const [kind, tokens] of Object.entries(usage ?? {}))
    if (tokens > 0) count('orchestrator_model_tokens_total', { role, model, kind }, tokens);
  observe('orchestrator_model_call_duration_seconds', { role, model }, latencyMs / 1_000);
}
