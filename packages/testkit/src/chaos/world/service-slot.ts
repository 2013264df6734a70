import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../../tcp-proxy.ts';
import type { Order, PassedOn, Told } from '../process/orders.ts';
import { LAST_WORDS_FD } from '../process/orders.ts';
import { type Slot, slotName } from '../schedule.ts';
import type { Window } from '../windows.ts';
import type { Guard } from './guard.ts';

const ROOT = join(import.meta.dirname, '../../../../..');
const PRELOAD = join(import.meta.dirname, '../process/preload.ts');
/** Processes start all the time here: compiled code is kept between them. */
const CODE_CACHE = join(ROOT, 'node_modules/.cache/chaos');
const RESTART_MS = 200;
const MAX_RESTART_MS = 2_000;

export interface SlotOptions {
  readonly slot: Slot;
  readonly env: Readonly<Record<string, string>>;
  /** What it says is added there. */
  readonly logPath: string;
  readonly proxies: { readonly postgres: TcpProxy; readonly redis: TcpProxy };
  readonly guard: Guard;
  readonly onPassedOn: (from: ServiceSlot, message: PassedOn) => void;
  /** The process ended by itself, as a service does that cannot go on. */
  readonly onUnplannedEnd: (slot: Slot, how: string) => void;
}

type StopOrder = Extract<Order, { order: 'stop-in' }>;

/** A service process that is started again whenever it ends, as a container is. */
export class ServiceSlot {
  readonly #options: SlotOptions;
  #child: ChildProcess | undefined;
  readonly #opened = Promise.withResolvers<void>();
  #clockShiftMs = 0;
  #planned = false;
  #frozen = false;
  #passingOn = false;
  #closing = false;
  #restartMs = RESTART_MS;
  #pending: { order: StopOrder; reached: () => void } | null = null;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get slot(): Slot {
    return this.#options.slot;
  }
  get proxies(): SlotOptions['proxies'] {
    return this.#options.proxies;
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }
  /** It has begun to work, for the first time. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }
  /** Nobody else has made an appointment with it. */
  get free(): boolean {
    return this.#pending === null && !this.#frozen;
  }

  start(): void {
    const { slot, env, logPath, guard, onPassedOn } = this.#options;
    const log = openSync(logPath, 'a');
    const child = fork(join(ROOT, 'services', slot.service, 'src/main.ts'), [], {
      cwd: ROOT,
      execArgv: ['--import', PRELOAD],
      stdio: ['ignore', log, log, 'ipc', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        NODE_COMPILE_CACHE: CODE_CACHE,
        CHAOS_SLOT: slotName(slot),
        CHAOS_CLOCK_SHIFT_MS: String(this.#clockShiftMs),
        ...env,
      },
    });
    closeSync(log);
    guard.watch(child);
    this.#child = child;
    const startedMs = performance.now();
    child.on('message', (told: Told) => {
      if (told.told === 'opened') this.#opened.resolve();
      else onPassedOn(this, told);
    });
    child.stdio[LAST_WORDS_FD]?.on('data', (words: Buffer) => this.#reached(String(words).trim() as Window));
    // 'close' and not 'exit': its last words have been read by then.
    child.once('close', (code, signal) => void this.#ended(startedMs, signal ?? `exit code ${code}`));
    if (this.#passingOn) this.send({ order: 'pass-on', on: true });
    if (this.#pending) this.send(this.#pending.order);
  }

  send(order: Order): void {
    if (order.order === 'pass-on') this.#passingOn = order.on;
    // A process that is just ending cannot be told anything; the next one is.
    if (this.#child?.connected) this.#child.send(order, () => {});
  }

  kill(): void {
    this.#planned = true;
    this.#child?.kill('SIGKILL');
  }

  /** Resolves when it has stopped in the window: the process of now, or one that comes after it. */
  stopIn(order: Omit<StopOrder, 'order'>): Promise<void> {
    return new Promise((reached) => {
      this.#pending = { order: { order: 'stop-in', ...order }, reached };
      this.send(this.#pending.order);
    });
  }

  /** A stop that was not reached is no longer meant. */
  goOn(): void {
    this.#pending = null;
    this.send({ order: 'go-on' });
    this.#frozen = false;
    this.#child?.kill('SIGCONT');
  }

  /** The next process's clock is wrong by so much. */
  setClock(shiftMs: number): void {
    this.#clockShiftMs = shiftMs;
    this.kill();
  }

  /** Asks it to stop, as an operator does; how it ended. */
  async stop(limitMs: number): Promise<string> {
    this.#closing = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 'not running';
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    await ended;
    clearTimeout(late);
    return child.signalCode ?? `exit code ${child.exitCode}`;
  }

  #reached(window: Window): void {
    if (this.#pending?.order.window !== window) return;
    const { order, reached } = this.#pending;
    this.#pending = null;
    if (order.signal === 'SIGKILL') this.#planned = true;
    else this.#frozen = true;
    reached();
  }

  async #ended(startedMs: number, how: string): Promise<void> {
    this.#child = undefined;
    this.#frozen = false;
    const planned = this.#planned;
    this.#planned = false;
    if (this.#closing) return;
    if (!planned) this.#options.onUnplannedEnd(this.slot, how);
    // The kernel of a process that is gone says so to those that it was connected to.
    for (const proxy of Object.values(this.proxies)) proxy.reset();
    const short = performance.now() - startedMs < 5_000 && !planned;
    this.#restartMs = short ? Math.min(this.#restartMs * 2, MAX_RESTART_MS) : RESTART_MS;
    await delay(this.#restartMs);
    if (!this.#closing) this.start();
  }
}
