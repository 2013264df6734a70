import type { NanoUsd } from './money.ts';
import { DAY_MS, type PlannedPhase } from './plan.ts';

/** The stretch of time of one limit: [startsAt, endsAt). */
export interface WindowSpan {
  readonly phase: PlannedPhase;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly limitNanoUsd: NanoUsd;
}

/** Start of the UTC day of an instant. */
export const utcDay = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);

/** The window of a phase that covers an instant within it: the whole phase, or the UTC day cut to the phase. */
export function windowSpan(phase: PlannedPhase, at: Date): WindowSpan {
  if (phase.kind === 'total') {
    return { phase, startsAt: phase.startsAt, endsAt: phase.endsAt, limitNanoUsd: phase.limitNanoUsd };
  }
  const day = utcDay(at);
  const nextDay = new Date(day.getTime() + DAY_MS);
  return {
    phase,
    startsAt: new Date(Math.max(day.getTime(), phase.startsAt.getTime())),
    endsAt: phase.endsAt !== null && phase.endsAt < nextDay ? phase.endsAt : nextDay,
    limitNanoUsd: phase.limitNanoUsd,
  };
}

/** The windows from an instant on, in order, the one that covers it first. Endless where the last phase is daily and open. */
export function* windowsFrom(plan: readonly PlannedPhase[], from: Date): Generator<WindowSpan> {
  for (const phase of plan) {
    let at = phase.startsAt > from ? phase.startsAt : from;
    while (phase.endsAt === null || at < phase.endsAt) {
      const span = windowSpan(phase, at);
      yield span;
      if (span.endsAt === null) return;
      at = span.endsAt;
    }
  }
}

/**
 * The first window that opens after `from` and that, untouched, admits an amount for a deadline. A daily phase repeats
 * itself: what neither the rest of its first day nor its first whole day admits, none of its days does.
 */
export function nextFittingWindow(
  plan: readonly PlannedPhase[],
  from: Date,
  amountNanoUsd: NanoUsd,
  deadlineMs: number,
): WindowSpan | undefined {
  for (const phase of plan) {
    let days = 0;
    for (const span of windowsFrom([phase], from)) {
      const long = span.endsAt === null || span.endsAt.getTime() - span.startsAt.getTime() >= deadlineMs;
      if (span.startsAt > from && span.limitNanoUsd >= amountNanoUsd && long) return span;
      days += 1;
      if (days === 2) break;
    }
  }
  return undefined;
}
