import { setTimeout as delay } from 'node:timers/promises';
import { describeFault, type Fault } from './schedule.ts';
import type { Window } from './windows.ts';
import type { ServiceSlot } from './world/service-slot.ts';
import { LEASE_MS, type World } from './world/world.ts';

export interface Injector {
  /** Does the fault, and resolves when it is over and mended. Any number at once. */
  inject(fault: Fault): Promise<void>;
  /** Faults that really happened: a process may never come into its window. */
  readonly done: () => number;
  /** How often a process was stopped in each window in which one was to be. */
  readonly stops: ReadonlyMap<Window, number>;
}

/** `over`: what is not done by then is not done any more, and what is broken is mended at once. */
export function createInjector(world: World, over: AbortSignal, log: (line: string) => void): Injector {
  const { fleet, postgres, redis, database } = world;
  const stops = new Map<Window, number>();
  let done = 0;

  const happens = (fault: Fault, more = '') => {
    done += 1;
    log(`fault ${done}: ${describeFault(fault)}${more}`);
  };
  /** Ends early when all faults are over. */
  const pause = (ms: number) => delay(ms, undefined, { signal: over }).catch(() => {});
  const postgresInUse = oneAtATime();
  const redisInUse = oneAtATime();

  async function stopIn(fault: Extract<Fault, { window: Window }>, signal: 'SIGKILL' | 'SIGSTOP'): Promise<boolean> {
    const one = fleet.at(fault.slot);
    stops.set(fault.window, stops.get(fault.window) ?? 0);
    while (!one.free && !over.aborted) await pause(100);
    if (over.aborted) return false;
    const delayMs = fault.kind === 'kill-in-window' ? fault.delayMs : 50;
    const reached = await Promise.race([
      one.stopIn({ window: fault.window, signal, delayMs }).then(() => true),
      aborted(over).then(() => false),
    ]);
    if (reached) {
      stops.set(fault.window, (stops.get(fault.window) ?? 0) + 1);
      happens(fault);
    } else one.goOn();
    return reached;
  }

  async function cut(one: ServiceSlot, fault: Extract<Fault, { kind: 'cut' }>): Promise<void> {
    const proxy = one.proxies[fault.store];
    happens(fault);
    proxy.cut();
    await pause(fault.durationMs);
    proxy.heal(over.aborted ? 'late' : fault.end);
  }

  async function inject(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill-in-window':
        await stopIn(fault, 'SIGKILL');
        return;
      case 'freeze': {
        if (!(await stopIn(fault, 'SIGSTOP'))) return;
        await pause(fault.leases * LEASE_MS);
        return fleet.at(fault.slot).goOn();
      }
      case 'kill':
        happens(fault);
        return fleet.at(fault.slot).kill();
      case 'wrong-clock':
        happens(fault);
        return fleet.at(fault.slot).setClock(fault.shiftMs);
      case 'flush':
        await redisInUse(async () => {
          happens(fault);
          await redis.flush();
        });
        return;
      case 'redis-down':
        return redisInUse(async () => {
          if (over.aborted) return;
          happens(fault);
          await redis.stop();
          await pause(fault.downMs);
          await redis.start();
        });
      case 'postgres-restarts':
        return postgresInUse(async () => {
          for (const { afterMs, downMs, crash } of fault.restarts) {
            await pause(afterMs);
            if (over.aborted) return;
            happens(fault, crash ? ' (crash)' : ' (fast)');
            await postgres.stop(crash);
            await pause(downMs);
            await postgres.start();
          }
        });
      case 'terminate-backends':
        return postgresInUse(async () => {
          for (let time = 0; time < fault.times && !over.aborted; time++) {
            happens(fault);
            await database.$queryRaw`
              SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE application_name LIKE 'chaos:%'`;
            await pause(300);
          }
        });
      case 'triple-delivery':
        happens(fault);
        fleet.passMessagesOn(true);
        await pause(fault.durationMs);
        return fleet.passMessagesOn(false);
      case 'cut':
        return cut(fleet.at(fault.slot), fault);
    }
  }

  return { inject, done: () => done, stops };
}

/** Runs works one after the other. */
function oneAtATime(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    last = last.then(work);
    return last;
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
