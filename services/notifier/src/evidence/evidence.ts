import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import type { DiffStat } from '@orchestrator/shared/repo/mirror.ts';

/** What the models of a stage cost, as the ledger has it. */
export interface StageCost {
  readonly stage: string;
  /** provider/model */
  readonly model: string;
  /** HTTP requests, failed ones included. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: bigint;
}

/** Everything that a reviewer is told about a change; measured, not claimed, but for the specification's words. */
export interface Evidence {
  readonly task: { readonly key: string; readonly title: string; readonly body: string };
  readonly repository: { readonly name: string };
  readonly run: { readonly id: string; readonly round: number; readonly baseCommit: string };
  readonly branch: string;
  readonly headCommit: string;
  readonly stat: DiffStat;
  readonly specification: Specification;
  readonly verdict: Verdict;
  readonly costs: readonly StageCost[];
}
