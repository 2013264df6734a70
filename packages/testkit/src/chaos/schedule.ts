import { pick, randomSequence } from '../budget-proof/random.ts';
import { SERVICES, type Service, WINDOW_NAMES, WINDOWS, type Window } from './windows.ts';

/** One process of a service; it keeps its number when it is restarted. */
export interface Slot {
  readonly service: Service;
  readonly index: number;
}

export type Fault =
  /** SIGKILL in a window, as soon as the process is in it. `delayMs`: how far into an effect. */
  | { readonly kind: 'kill-in-window'; readonly slot: Slot; readonly window: Window; readonly delayMs: number }
  /** SIGKILL now, whatever it does. */
  | { readonly kind: 'kill'; readonly slot: Slot }
  /** SIGSTOP in a window, and SIGCONT when two leases have passed: a zombie that thinks it holds its claim. */
  | { readonly kind: 'freeze'; readonly slot: Slot; readonly window: Window; readonly leases: number }
  /** FLUSHALL. */
  | { readonly kind: 'flush' }
  /** Redis is stopped and comes back. */
  | { readonly kind: 'redis-down'; readonly downMs: number }
  /** Postgres is restarted, several times; `crash`: without a shutdown. */
  | {
      readonly kind: 'postgres-restarts';
      readonly restarts: readonly { readonly afterMs: number; readonly downMs: number; readonly crash: boolean }[];
    }
  /** pg_terminate_backend for every connection of the services, a few times in a row. */
  | { readonly kind: 'terminate-backends'; readonly times: number }
  /** For a while every message reaches two more workers. */
  | { readonly kind: 'triple-delivery'; readonly durationMs: number }
  /** Restarted with a clock that is wrong by so much. */
  | { readonly kind: 'wrong-clock'; readonly slot: Slot; readonly shiftMs: number }
  /** Nothing passes between a process and a store. `late`: it arrives in the end; `dead`: those connections never recover. */
  | {
      readonly kind: 'cut';
      readonly slot: Slot;
      readonly store: 'postgres' | 'redis';
      readonly durationMs: number;
      readonly end: 'late' | 'dead';
    };

export interface Planned {
  readonly atMs: number;
  readonly fault: Fault;
}

const SLOTS: readonly Slot[] = (Object.keys(SERVICES) as Service[]).flatMap((service) =>
  Array.from({ length: SERVICES[service] }, (_, index) => ({ service, index })),
);
/** Mean time between faults; some of them last for longer than that. */
const SPACING_MS = 2_500;
const HOUR_MS = 3_600_000;

/**
 * The faults of a run: a pure function of the seed and the time. Each round holds every kind of fault and every window
 * once, in an order of its own.
 */
export function faultSchedule(seed: number, durationMs: number): Planned[] {
  const random = randomSequence(seed);
  const planned: Planned[] = [];
  let atMs = 1_000 + random() * 1_000;
  for (;;) {
    for (const make of shuffled(random, round(random))) {
      if (atMs >= durationMs) return planned;
      planned.push({ atMs: Math.round(atMs), fault: make() });
      atMs += SPACING_MS * (0.4 + random() * 1.2);
    }
  }
}

function round(random: () => number): (() => Fault)[] {
  const between = (low: number, high: number) => Math.round(low + random() * (high - low));
  const slotOf = (service: Service): Slot => ({ service, index: between(0, SERVICES[service] - 1) });
  const slotIn = (window: Window) => slotOf(pick<Service>(random, WINDOWS[window]));
  const kills = WINDOW_NAMES.map((window) => (): Fault => {
    return { kind: 'kill-in-window', slot: slotIn(window), window, delayMs: between(0, 150) };
  });
  const freeze = (window: Window) => (): Fault => {
    return { kind: 'freeze', slot: slotIn(window), window, leases: 2.2 + random() };
  };
  const cut = (store: 'postgres' | 'redis') => (): Fault => {
    const end = pick(random, ['late', 'dead'] as const);
    return { kind: 'cut', slot: pick(random, SLOTS), store, durationMs: between(4_000, 20_000), end };
  };
  return [
    ...kills,
    freeze('before-commit'),
    freeze(pick(random, ['after-claim', 'mid-effect', 'before-mark-sent', 'notice-sent'])),
    cut('postgres'),
    cut('redis'),
    () => ({ kind: 'kill', slot: pick(random, SLOTS) }),
    () => ({ kind: 'flush' }),
    () => ({ kind: 'redis-down', downMs: 30_000 }),
    () => ({
      kind: 'postgres-restarts',
      restarts: Array.from({ length: 3 }, () => ({
        afterMs: between(5_000, 10_000),
        downMs: between(0, 2_000),
        crash: random() < 0.5,
      })),
    }),
    () => ({ kind: 'terminate-backends', times: between(2, 4) }),
    () => ({ kind: 'triple-delivery', durationMs: between(10_000, 20_000) }),
    () => ({ kind: 'wrong-clock', slot: pick(random, SLOTS), shiftMs: pick(random, [-HOUR_MS, HOUR_MS]) }),
  ];
}

function shuffled<T>(random: () => number, list: readonly T[]): T[] {
  const left = [...list];
  return Array.from({ length: list.length }, () => left.splice(Math.floor(random() * left.length), 1)[0] as T);
}

export const slotName = ({ service, index }: Slot): string => `${service}-${index + 1}`;

/** A fault in one line. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill-in-window':
      return `SIGKILL ${slotName(fault.slot)} in ${fault.window}`;
    case 'kill':
      return `SIGKILL ${slotName(fault.slot)}`;
    case 'freeze':
      return `SIGSTOP ${slotName(fault.slot)} in ${fault.window} for ${fault.leases.toFixed(1)} leases`;
    case 'flush':
      return 'FLUSHALL';
    case 'redis-down':
      return `Redis down for ${fault.downMs} ms`;
    case 'postgres-restarts':
      return `Postgres restarted ${fault.restarts.length} times: ${fault.restarts.map((one) => (one.crash ? 'crash' : 'fast')).join(', ')}`;
    case 'terminate-backends':
      return `all backends terminated ${fault.times} times`;
    case 'triple-delivery':
      return `every message delivered three times for ${fault.durationMs} ms`;
    case 'wrong-clock':
      return `clock of ${slotName(fault.slot)} wrong by ${fault.shiftMs / HOUR_MS} h`;
    case 'cut':
      return `${slotName(fault.slot)} cut off from ${fault.store} for ${fault.durationMs} ms, then ${fault.end}`;
  }
}
