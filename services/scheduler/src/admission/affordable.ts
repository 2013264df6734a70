import type { DenialKind } from '@orchestrator/shared/budget/denied.ts';
import type { NanoUsd } from '@orchestrator/shared/budget/money.ts';

/** A task that may start, as far as money is concerned. */
export interface PricedTask {
  readonly id: string;
  readonly key: string;
  readonly repositoryId: string;
  readonly budgetNanoUsd: NanoUsd | null;
}

/** Whether a specification, a change and the planned repairs can be paid for now; otherwise why not, and from when on. */
export type Affordability =
  | { readonly kind: 'AFFORDABLE' }
  | { readonly kind: DenialKind; readonly until: Date | null; readonly reason: string };

export type Affordable = (task: PricedTask) => Promise<Affordability>;
