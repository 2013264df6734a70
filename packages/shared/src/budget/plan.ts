import type { Phase } from '../config/schema.ts';
import type { NanoUsd } from './money.ts';

export const DAY_MS = 86_400_000;

export type PhaseKind = 'total' | 'per_utc_day';

/** A phase with its place in time: [startsAt, endsAt). */
export interface PlannedPhase {
  readonly seq: number;
  readonly name: string;
  readonly kind: PhaseKind;
  readonly limitNanoUsd: NanoUsd;
  readonly everyMs: number;
  readonly advanceWhenExhausted: boolean;
  readonly startsAt: Date;
  /** null: open. */
  readonly endsAt: Date | null;
}

type Unplaced = Omit<PlannedPhase, 'startsAt' | 'endsAt'> & { readonly days: number | undefined };

/** The plan of a budget that begins at `start`: each phase begins where the one before it ends. */
export function planPhases(phases: readonly Phase[], start: Date): PlannedPhase[] {
  return place(phases.map(unplaced), start, start);
}

/**
 * The plan after the configuration changed at `now`. What has passed stays as it was; the result holds the phases from
 * the current one on. The current phase is looked for by its name, then by its position. It keeps its start (and so its
 * window and what was spent in it) if its kind is the same; otherwise it begins now. It ends now if it should have ended
 * already.
 */
export function revisePlan(current: PlannedPhase, phases: readonly Phase[], now: Date): PlannedPhase[] {
  const all = phases.map(unplaced);
  const byName = all.findIndex((phase) => phase.name === current.name);
  const at = byName >= 0 ? byName : Math.min(current.seq, all.length - 1);
  const rest = all.slice(at);
  const start = rest[0]?.kind === current.kind ? current.startsAt : now;
  return place(rest, start, now);
}

/** The plan after the current phase ran out of money at `now`: it ends, and those after it follow at once. */
export function advancePlan(plan: readonly PlannedPhase[], current: PlannedPhase, now: Date): PlannedPhase[] {
  let start = now;
  const later = plan.filter((phase) => phase.seq > current.seq);
  const moved = later.map((phase) => {
    const lengthMs = phase.endsAt === null ? null : phase.endsAt.getTime() - phase.startsAt.getTime();
    const placed = {
      ...phase,
      startsAt: start,
      endsAt: lengthMs === null ? null : new Date(start.getTime() + lengthMs),
    };
    start = placed.endsAt ?? start;
    return placed;
  });
  return [{ ...current, endsAt: now }, ...moved];
}

/** The phase that covers an instant; undefined before the first and after the last. */
export function phaseAt<P extends PlannedPhase>(plan: readonly P[], at: Date): P | undefined {
  return plan.find((phase) => phase.startsAt <= at && (phase.endsAt === null || at < phase.endsAt));
}

function place(phases: readonly Unplaced[], start: Date, now: Date): PlannedPhase[] {
  let startsAt = start;
  return phases.map(({ days, ...phase }) => {
    const due = days === undefined ? null : new Date(startsAt.getTime() + days * DAY_MS);
    const placed = { ...phase, startsAt, endsAt: due !== null && due < now ? now : due };
    startsAt = placed.endsAt ?? startsAt;
    return placed;
  });
}

function unplaced(phase: Phase, seq: number): Unplaced {
  return {
    seq,
    name: phase.name,
    kind: phase.limit.total === undefined ? 'per_utc_day' : 'total',
    limitNanoUsd: phase.limit.total ?? phase.limit.perDay ?? 0n,
    everyMs: phase.every,
    advanceWhenExhausted: phase.advanceWhenExhausted,
    days: phase.days,
  };
}
