import { nextTick } from './cadence.ts';
import { type NanoUsd, smallestOf } from './money.ts';
import { advancePlan, DAY_MS, type PlannedPhase, phaseAt } from './plan.ts';
import { nextFittingWindow, utcDay, type WindowSpan, windowSpan } from './window-span.ts';

export interface SimulationInput {
  /** As `readPlan` or `planPhases` gives it. */
  readonly plan: readonly PlannedPhase[];
  readonly from: Date;
  readonly days: number;
  /** Tasks that wait at `from`; more do not come. */
  readonly tasks: number;
  readonly tasksPerTick: number;
  /** What a task probably costs, and what has to be free for it to begin (taskCost). */
  readonly predictedNanoUsd: NanoUsd;
  readonly neededNanoUsd: NanoUsd;
  /** Time that must be left of the window when a task begins. */
  readonly deadlineMs: number;
  /** What is committed in the window of `from`. */
  readonly committedNanoUsd: NanoUsd;
}

export interface SimulatedStart {
  readonly at: Date;
  /** From 1. */
  readonly task: number;
  readonly phase: string;
  /** Of the window, after the task. */
  readonly freeNanoUsd: NanoUsd;
}

export interface SimulatedDay {
  /** 2026-11-22 */
  readonly day: string;
  /** Phases that were current on the day. */
  readonly phases: readonly string[];
  readonly started: number;
  readonly spentNanoUsd: NanoUsd;
  /** Tasks that waited for money at some tick of the day. */
  readonly waited: number;
}

export interface Simulation {
  readonly starts: readonly SimulatedStart[];
  readonly days: readonly SimulatedDay[];
  readonly spentNanoUsd: NanoUsd;
  /** When the last task began; null where tasks are left over. */
  readonly doneAt: Date | null;
  /** When the next task can begin, where tasks are left over and a window will ever be large enough. */
  readonly nextAt: Date | null;
}

interface Tally {
  readonly phases: Set<string>;
  started: number;
  spentNanoUsd: NanoUsd;
  waited: number;
}

/**
 * What would run when: the cadence, the windows and the admission of the scheduler on a clock of its own. Tasks take no
 * time and cost what is predicted. Pure.
 */
export function simulate(input: SimulationInput): Simulation {
  const { from, tasks, tasksPerTick, predictedNanoUsd, deadlineMs } = input;
  const end = new Date(from.getTime() + input.days * DAY_MS);
  let plan = input.plan;
  let spent = input.committedNanoUsd;
  let window = windowOf(plan, from);
  const starts: SimulatedStart[] = [];
  const days = new Map<string, Tally>();

  for (let at = from; at < end; ) {
    const phase = phaseAt(plan, at);
    if (!phase) break;
    const span = windowSpan(phase, at);
    if (windowName(span) !== window) {
      window = windowName(span);
      spent = 0n;
    }
    const day = dayOf(days, at);
    day.phases.add(phase.name);
    const needed = smallestOf([input.neededNanoUsd, span.limitNanoUsd]);
    const inTime = span.endsAt === null || at.getTime() + deadlineMs <= span.endsAt.getTime();
    for (let started = 0; started < tasksPerTick && starts.length < tasks; started++) {
      if (!inTime || predictedNanoUsd > span.limitNanoUsd || spent + needed > span.limitNanoUsd) break;
      spent += predictedNanoUsd;
      day.started += 1;
      day.spentNanoUsd += predictedNanoUsd;
      starts.push({ at, task: starts.length + 1, phase: phase.name, freeNanoUsd: span.limitNanoUsd - spent });
    }
    if (starts.length === tasks) break;
    const short = spent + needed > span.limitNanoUsd;
    if (short) day.waited = Math.max(day.waited, tasks - starts.length);
    const later = plan.some((one) => one.seq > phase.seq);
    if (short && inTime && phase.advanceWhenExhausted && later) plan = advancePlan(plan, phase, at);
    else at = nextTick(phase, at);
  }

  const last = starts.at(-1);
  const left = starts.length < tasks;
  return {
    starts,
    days: [...days].map(([day, seen]) => ({
      day,
      phases: [...seen.phases],
      started: seen.started,
      spentNanoUsd: seen.spentNanoUsd,
      waited: seen.waited,
    })),
    spentNanoUsd: predictedNanoUsd * BigInt(starts.length),
    doneAt: left ? null : (last?.at ?? from),
    nextAt: left ? (nextFittingWindow(plan, end, input.neededNanoUsd, deadlineMs)?.startsAt ?? null) : null,
  };
}

function windowOf(plan: readonly PlannedPhase[], at: Date): string | undefined {
  const phase = phaseAt(plan, at);
  return phase && windowName(windowSpan(phase, at));
}

/** A phase that ended in the instant in which it began leaves its start to the next. */
const windowName = (span: WindowSpan): string => `${span.phase.seq} ${span.startsAt.toISOString()}`;

function dayOf(days: Map<string, Tally>, at: Date): Tally {
  const name = utcDay(at).toISOString().slice(0, 10);
  const tally = days.get(name) ?? { phases: new Set<string>(), started: 0, spentNanoUsd: 0n, waited: 0 };
  days.set(name, tally);
  return tally;
}
