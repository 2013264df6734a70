import { setTimeout as delay } from 'node:timers/promises';
import { feedTasks, untilBusy } from './feed.ts';
import { createInjector, type Injector } from './inject.ts';
import { checkInvariants, type Findings } from './invariants/check.ts';
import { faultSchedule, type Planned } from './schedule.ts';
import { untilSettled } from './settle.ts';
import type { Window } from './windows.ts';
import { endOf } from './world/tasks.ts';
import { startWorld } from './world/world.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults happen; afterwards everything has to come to its end. */
  readonly durationMs: number;
  readonly log: (line: string) => void;
  /** Ends the run early. */
  readonly interrupted: AbortSignal;
}

export interface ChaosResult extends Findings {
  readonly runs: number;
  readonly faults: number;
  /** Stages that were given up after too many crashes or errors, and that an operator's replay had to start again. */
  readonly replayed: number;
  /** Windows in which no process was stopped although one was to be, time and again. */
  readonly unreached: readonly Window[];
  /**
   * Services that ended without knowing why, or that did not stop as they should when they were asked to. They are started
   * again, as containers are, so this breaks no promise; but it is worth a look.
   */
  readonly badEnds: readonly string[];
  /** Where the logs are; null: all is well, and they were removed. */
  readonly folder: string | null;
  /** No invariant is broken, and some process was stopped in a window, without which nothing would be shown. */
  readonly holds: boolean;
}

/** How long after the last fault was due a process may take to come into the window that it is to be stopped in. */
const LATE_MS = 40_000;

/** The whole of it: start, feed and break, mend and wait, compare. */
export async function runChaos({ seed, durationMs, log, interrupted }: ChaosOptions): Promise<ChaosResult> {
  const world = await startWorld();
  const startedMs = performance.now();
  const say = (line: string) => log(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  try {
    const { database, repositories, vendors, fleet } = world;
    const over = new AbortController();
    interrupted.addEventListener('abort', () => over.abort(), { once: true });
    const feeding = feedTasks(repositories, database, over.signal);
    await untilBusy(database, over.signal);
    say('the services are busy: faults begin');
    const injector = createInjector(world, over.signal, say);
    await breakThings(injector, faultSchedule(seed, durationMs), over, durationMs + LATE_MS);
    const asked = await feeding;
    interrupted.throwIfAborted();
    say(`faults are over: ${injector.done()}; waiting for ${asked.length} tasks`);

    const replayed = await untilSettled(database, asked.length, say, interrupted);
    const findings = await checkInvariants(database, {
      expected: asked.map((task) => ({ task, end: endOf(task) })),
      vendors: await vendors.records(),
      branchUpdates: new Map(repositories.flatMap((repository) => [...repository.branchUpdates()])),
    });
    const unreached = [...injector.stops].flatMap(([window, count]) => (count === 0 ? window : []));
    say(`stops: ${[...injector.stops].map(([window, count]) => `${window} ${count}`).join(', ')}`);
    say(`ended by themselves: ${fleet.unplannedEnds.join('; ') || 'none'}`);
    const runs = await database.run.count();
    const badEnds = [...fleet.unplannedEnds.filter(isCrash), ...(await world.stop())];
    const holds =
      findings.violations.length === 0 &&
      findings.overspendNanoUsd === 0n &&
      unreached.length < injector.stops.size &&
      runs > 0;
    if (holds) world.discard();
    const folder = holds ? null : world.folder;
    return { ...findings, runs, faults: injector.done(), replayed, unreached, badEnds, folder, holds };
  } catch (error) {
    await world.stop();
    if (interrupted.aborted) world.discard();
    throw error;
  }
}

/** The exit codes of the error table say that a service knew why it could not go on; this one says that it did not. */
const isCrash = (end: string): boolean => end.endsWith('exit code 1');

/** Does every fault at its time, and ends when all are over, or at the limit: then `over` ends those that are left. */
async function breakThings(
  injector: Injector,
  schedule: readonly Planned[],
  over: AbortController,
  limitMs: number,
): Promise<void> {
  const timer = setTimeout(() => over.abort(), limitMs);
  await Promise.all(
    schedule.map(async ({ atMs, fault }) => {
      await delay(atMs, undefined, { signal: over.signal }).catch(() => {});
      if (!over.signal.aborted) await injector.inject(fault);
    }),
  );
  clearTimeout(timer);
  over.abort();
}
