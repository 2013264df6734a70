import type { NanoUsd } from './money.ts';

/** Plain JSON of at most a few hundred bytes, kept with the entry: what was reserved for, what came back. */
export type EntryDetail = Readonly<Record<string, unknown>>;

export interface Reservation {
  /** A fresh UUID for each HTTP attempt. */
  readonly attemptId: string;
  /** Every one of these budgets must admit the amount, or none is touched. */
  readonly budgetIds: readonly string[];
  /** The most that the attempt can cost (costBound). */
  readonly amountNanoUsd: NanoUsd;
  /** The attempt is over, aborted if need be, this long after the reservation. It must end within the window. */
  readonly deadlineMs: number;
  readonly detail?: EntryDetail;
}

export interface Settlement {
  readonly attemptId: string;
  /** What the attempt really cost (priceUsage). */
  readonly chargedNanoUsd: NanoUsd;
  readonly detail?: EntryDetail;
}

export interface Release {
  readonly attemptId: string;
  readonly detail?: EntryDetail;
}

export interface Forfeiture {
  readonly attemptId: string;
  /** Absent: all that was reserved. Less only where a lower upper bound is known, such as exact input and full output. */
  readonly chargedNanoUsd?: NanoUsd;
  /** The answer shows that the price was not what was reserved for: nothing more is spent until a person has looked. */
  readonly freeze?: 'not_as_priced';
  readonly detail?: EntryDetail;
}

/**
 * What ending an attempt did. `ended`: this call ended it. `duplicate`: it had ended before, nothing changed (a late
 * answer, a repeated settlement, a reaped reservation). `unknown`: there is no such reservation.
 * `overrunNanoUsd` is more than zero when the attempt cost more than was reserved for it: its windows are frozen now.
 */
export interface Ending {
  readonly result: 'ended' | 'duplicate' | 'unknown';
  readonly overrunNanoUsd: NanoUsd;
}
