import { AppError } from '../errors/app-error.ts';

export type DenialKind = 'WAIT_SETTLING' | 'WAIT_WINDOW' | 'NEVER_FITS' | 'FROZEN';

/** The ledger refused a reservation. `until` is the instant at which asking again can succeed, where one is known. */
export class BudgetDenied extends AppError {
  readonly kind: DenialKind;
  readonly until: Date | null;

  constructor(kind: DenialKind, until: Date | null, detail: Record<string, unknown>) {
    super(`BUDGET_${kind}`, { ...detail, until: until?.toISOString() ?? null });
    this.name = 'BudgetDenied';
    this.kind = kind;
    this.until = until;
  }
}
