import { isTaskBudget } from './budget-ids.ts';
import { BudgetDenied, type DenialKind } from './denied.ts';
import { freezeText } from './freeze.ts';
import { formatUsd, largestOf, type NanoUsd } from './money.ts';
import type { PlannedPhase } from './plan.ts';
import { nextFittingWindow } from './window-span.ts';
import type { WindowState } from './windows.ts';

/** What one budget says to an amount. */
export interface Refusal {
  readonly budgetId: string;
  readonly kind: DenialKind;
  readonly until: Date | null;
  readonly limitNanoUsd: NanoUsd;
  readonly reason: string;
}

export interface Standing {
  readonly budgetId: string;
  readonly now: Date;
  /** undefined: the budget does not exist. */
  readonly plan: readonly PlannedPhase[] | undefined;
  readonly window: WindowState | undefined;
}

/** Calls in flight end at any moment: it is worth asking again this soon. */
const SETTLING_RETRY_MS = 5_000;

/** Why a budget does not admit an amount for a deadline; undefined where it does. Pure. */
export function refusal(standing: Standing, amountNanoUsd: NanoUsd, deadlineMs: number): Refusal | undefined {
  const { budgetId, now, plan, window } = standing;
  const refuse = (kind: DenialKind, until: Date | null, limitNanoUsd: NanoUsd, reason: string): Refusal => ({
    budgetId,
    kind,
    until,
    limitNanoUsd,
    reason,
  });
  if (plan === undefined) return refuse('FROZEN', null, 0n, `there is no budget "${budgetId}"`);

  const next = nextFittingWindow(plan, now, amountNanoUsd, deadlineMs);
  const largest = largestOf(plan.map((phase) => phase.limitNanoUsd));
  if (window === undefined) {
    if (next) return refuse('WAIT_WINDOW', next.startsAt, next.limitNanoUsd, 'no phase has begun');
    return refuse('FROZEN', null, largest, 'its last phase has ended');
  }

  if (window.frozenReason !== null)
    return refuse('FROZEN', next?.startsAt ?? null, window.limitNanoUsd, freezeText(window.frozenReason));
  const inTime = window.endsAt === null || now.getTime() + deadlineMs <= window.endsAt.getTime();
  const afterSettling = window.limitNanoUsd - window.settledNanoUsd;
  if (inTime && amountNanoUsd <= afterSettling - window.reservedNanoUsd) return undefined;
  if (inTime && amountNanoUsd <= afterSettling) {
    return refuse(
      'WAIT_SETTLING',
      new Date(now.getTime() + SETTLING_RETRY_MS),
      window.limitNanoUsd,
      'calls are in flight',
    );
  }
  if (next) return refuse('WAIT_WINDOW', next.startsAt, window.limitNanoUsd, 'the window is spent');
  if (amountNanoUsd > largest || isTaskBudget(budgetId))
    return refuse('NEVER_FITS', null, largest, 'no window is that large');
  return refuse('FROZEN', null, window.limitNanoUsd, 'it is spent and no later window follows');
}

const GRAVITY: readonly DenialKind[] = ['WAIT_SETTLING', 'WAIT_WINDOW', 'FROZEN', 'NEVER_FITS'];

/** The gravest refusal speaks for all; the latest `until` among those as grave. */
export function gravest(refusals: readonly Refusal[]): Refusal | undefined {
  return refusals.reduce<Refusal | undefined>((worst, one) => {
    if (worst === undefined) return one;
    const order = GRAVITY.indexOf(one.kind) - GRAVITY.indexOf(worst.kind);
    if (order !== 0) return order > 0 ? one : worst;
    if (worst.until === null || one.until === null) return worst.until === null ? worst : one;
    return one.until > worst.until ? one : worst;
  }, undefined);
}

export function denied(refused: Refusal, amountNanoUsd: NanoUsd): BudgetDenied {
  return new BudgetDenied(refused.kind, refused.until, {
    budget: refused.budgetId,
    amount: formatUsd(amountNanoUsd, 9),
    limit: formatUsd(refused.limitNanoUsd, 9),
    reason: refused.reason,
  });
}
