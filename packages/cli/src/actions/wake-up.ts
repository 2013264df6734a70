import type { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { RunReport } from '../run/run-report.ts';
import type { System } from '../system.ts';

/** What was asked of a wake-up. */
export interface Asked {
  /** Address of the run, for people. */
  readonly by: string;
  /** Make the state branch where there is none. */
  readonly begin: boolean;
  /** Whether it is due or not. */
  readonly now: boolean;
  readonly task: string | undefined;
}

/** token_budget.json, as it stands on the branch. */
export type BudgetNote = Readonly<Record<string, unknown>> | null;

/** What a wake-up came to. */
export type WakeUp =
  | { readonly kind: 'not-due'; readonly wakeAt: Date; readonly budget: BudgetNote }
  | { readonly kind: 'busy'; readonly by: string; readonly until: Date; readonly budget: BudgetNote }
  | Worked;

export interface Worked {
  readonly kind: 'worked';
  readonly report: RunReport;
  readonly system: System;
  /** When there is something to do next; null: at once. */
  readonly wakeAt: Date | null;
  /** Why the state could not be kept. What was done since it was kept last is done again by another run. */
  readonly trouble: AppError | null;
  close(): Promise<void>;
}
