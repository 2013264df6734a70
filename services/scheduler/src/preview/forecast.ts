import { nextTick } from '@orchestrator/shared/budget/cadence.ts';
import { largestOf, type NanoUsd } from '@orchestrator/shared/budget/money.ts';
import { type PlannedPhase, phaseAt } from '@orchestrator/shared/budget/plan.ts';
import type { TaskCost } from '@orchestrator/shared/budget/task-cost.ts';
import { type WindowSpan, windowsFrom } from '@orchestrator/shared/budget/window-span.ts';

/** A task that is only kept from starting by others of the list, by money and by the cadence. */
export interface ForecastTask {
  readonly key: string;
  /** Tasks of the list that have to be published first. */
  readonly after: readonly string[];
}

export interface ForecastQuestion {
  readonly plan: readonly PlannedPhase[];
  readonly now: Date;
  /** Free in the window of the moment, less what runs in progress will probably need; null: nothing of it is taken. */
  readonly freeNanoUsd: NanoUsd | null;
  readonly cost: Pick<TaskCost, 'predictedNanoUsd' | 'neededNanoUsd' | 'largestCallNanoUsd'>;
  readonly tasksPerTick: number;
  /** In the order in which they are to be done. */
  readonly tasks: readonly ForecastTask[];
}

/** More windows than this ahead, a date means nothing. */
const MAX_WINDOWS = 4_000;

/**
 * When each task would start, if it ticked now and then by the cadence, every task cost what it is predicted to cost and
 * was published by the next tick. A task that is missing in the answer never starts. Pure.
 */
export function forecastStarts(question: ForecastQuestion): Map<string, Date> {
  const { plan, now, cost, tasksPerTick, tasks } = question;
  const starts = new Map<string, Date>();
  const queue = new DependencyQueue(tasks);
  const largest = largestOf(plan.map((phase) => phase.limitNanoUsd));
  // A task that needs more than any window has begins with a whole one, and waits between its calls.
  const needed = cost.neededNanoUsd <= largest ? cost.neededNanoUsd : largestOf([largest, cost.largestCallNanoUsd]);
  let at = now;
  let carried = 0n;
  let seen = 0;
  for (const window of windowsFrom(plan, now)) {
    seen += 1;
    if (queue.isEmpty() || seen > MAX_WINDOWS) break;
    let free = (seen === 1 ? (question.freeNanoUsd ?? window.limitNanoUsd) : window.limitNanoUsd) - carried;
    carried = 0n;
    if (at < window.startsAt) at = window.startsAt;
    while (isWithin(at, window) && !queue.isEmpty()) {
      for (let places = tasksPerTick; places > 0 && needed <= free; places -= 1) {
        const key = queue.next();
        if (key === undefined) break;
        starts.set(key, at);
        free -= cost.predictedNanoUsd;
      }
      queue.release();
      const phase = phaseAt(plan, at);
      if (needed > free || !phase || !queue.hasReady()) break;
      at = nextTick(phase, at);
    }
    if (free < 0n) carried = -free;
    if (!queue.hasReady()) break;
  }
  return starts;
}

const isWithin = (at: Date, { endsAt }: WindowSpan): boolean => endsAt === null || at < endsAt;

/** Hands out tasks in their order, each only after those it depends on. */
class DependencyQueue {
  readonly #tasks: readonly ForecastTask[];
  readonly #missing: number[];
  readonly #dependents = new Map<string, number[]>();
  #ready: number[] = [];
  #started: number[] = [];
  #left: number;

  constructor(tasks: readonly ForecastTask[]) {
    this.#tasks = tasks;
    this.#left = tasks.length;
    this.#missing = tasks.map(({ after }) => after.length);
    tasks.forEach(({ after }, index) => {
      if (after.length === 0) this.#ready.push(index);
      for (const key of after) {
        const waiting = this.#dependents.get(key);
        if (waiting) waiting.push(index);
        else this.#dependents.set(key, [index]);
      }
    });
    this.#ready.reverse();
  }

  isEmpty(): boolean {
    return this.#left === 0;
  }

  hasReady(): boolean {
    return this.#ready.length > 0;
  }

  next(): string | undefined {
    const index = this.#ready.pop();
    if (index === undefined) return undefined;
    this.#started.push(index);
    this.#left -= 1;
    return this.#tasks[index]?.key;
  }

  /** The tasks handed out since the last call are published: what waited for them may follow. */
  release(): void {
    const freed: number[] = [];
    for (const index of this.#started) {
      for (const dependent of this.#dependents.get(this.#tasks[index]?.key ?? '') ?? []) {
        this.#missing[dependent] = (this.#missing[dependent] ?? 0) - 1;
        if (this.#missing[dependent] === 0) freed.push(dependent);
      }
    }
    this.#started = [];
    if (freed.length > 0) this.#ready = [...this.#ready, ...freed].sort((a, b) => b - a);
  }
}
