/**
 * What the ledger should do, in a few lines of arithmetic that share nothing with it: the reference of the model-based
 * test. One budget of two phases, `launch` with a total limit and `steady` with one for each UTC day.
 */
export interface ModelConfig {
  readonly launchLimit: bigint;
  readonly launchDays: number;
  readonly advance: boolean;
  readonly dailyLimit: bigint;
}

export interface ModelWindow {
  readonly start: number;
  end: number;
  limit: bigint;
  reserved: bigint;
  settled: bigint;
  frozen: 'limit_lowered' | 'overrun' | null;
  readonly daily: boolean;
}

export interface ModelAttempt {
  readonly id: string;
  readonly bound: bigint;
  readonly held: bigint;
  readonly expires: number;
  readonly window: ModelWindow;
  ended: boolean;
}

const DAY = 86_400_000;
export const GRACE = 30_000;

export class BudgetModel {
  /** What the clock of the database shows. */
  clock: number;
  /** The latest instant that is on record. */
  #mark: number;
  #start: number;
  #launchEnd: number;
  #config: ModelConfig;
  readonly windows: ModelWindow[] = [];
  readonly attempts: ModelAttempt[] = [];

  constructor(config: ModelConfig, start: number) {
    this.#config = config;
    this.#start = start;
    this.clock = start;
    this.#mark = start;
    this.#launchEnd = start + config.launchDays * DAY;
  }

  get launchDays(): number {
    return this.#config.launchDays;
  }

  get now(): number {
    return Math.max(this.clock, this.#mark);
  }

  /** The window of the moment, opened if need be. */
  window(): ModelWindow {
    const now = this.now;
    const found = this.windows.find((window) => window.start <= now && now < window.end);
    return found ?? this.#open(now);
  }

  #open(now: number): ModelWindow {
    const daily = now >= this.#launchEnd;
    const midnight = Math.floor(now / DAY) * DAY;
    const window: ModelWindow = {
      start: daily ? Math.max(this.#launchEnd, midnight) : this.#start,
      end: daily ? midnight + DAY : this.#launchEnd,
      limit: daily ? this.#config.dailyLimit : this.#config.launchLimit,
      reserved: 0n,
      settled: 0n,
      frozen: null,
      daily,
    };
    this.windows.push(window);
    this.#mark = now;
    return window;
  }

  /** The attempt, where it is let through; otherwise the kind of the denial. */
  reserve(id: string, bound: bigint, deadlineMs: number): ModelAttempt | string {
    const held = bound + (bound * 50n + 999n) / 1000n;
    const window = this.window();
    const inTime = this.now + deadlineMs <= window.end;
    const free = window.limit - window.reserved - window.settled;
    if (!window.frozen && inTime && held <= free) {
      const attempt = { id, bound, held, expires: this.now + deadlineMs + GRACE, window, ended: false };
      window.reserved += held;
      this.attempts.push(attempt);
      this.#mark = this.now;
      return attempt;
    }
    if (window.frozen) return 'FROZEN';
    if (inTime && held <= window.limit - window.settled) return 'WAIT_SETTLING';
    if (held > this.#config.dailyLimit) return held > this.#largest(window) ? 'NEVER_FITS' : 'FROZEN';
    const spent = !window.daily && this.#config.advance && window.reserved === 0n;
    if (spent && held <= window.limit && window.limit - window.settled < held) {
      window.end = this.now;
      this.#launchEnd = this.now;
      this.#mark = this.now;
      return this.reserve(id, bound, deadlineMs);
    }
    return 'WAIT_WINDOW';
  }

  #largest(window: ModelWindow): bigint {
    const launch = window.daily && this.#launchPassed ? 0n : this.#config.launchLimit;
    return launch > this.#config.dailyLimit ? launch : this.#config.dailyLimit;
  }

  /** Whether the plan in force was written after the launch: then it does not know the launch any more. */
  #launchPassed = false;

  end(attempt: ModelAttempt, cost: bigint | null): 'ended' | 'duplicate' {
    if (attempt.ended) return 'duplicate';
    attempt.ended = true;
    const { window, held, bound } = attempt;
    window.reserved -= held;
    window.settled += cost === null || cost > held ? held : cost;
    if (cost !== null && cost > bound) window.frozen = 'overrun';
    this.#mark = this.now;
    return 'ended';
  }

  reap(): number {
    const late = this.attempts.filter((attempt) => !attempt.ended && attempt.expires < this.now);
    for (const attempt of late) this.end(attempt, null);
    return late.length;
  }

  /** Other limits; the phases keep their names, kinds and lengths. */
  configure(config: ModelConfig): void {
    const { launchLimit, dailyLimit, advance } = this.#config;
    if (config.launchLimit === launchLimit && config.dailyLimit === dailyLimit && config.advance === advance) return;
    this.#config = config;
    const now = this.now;
    const daily = now >= this.#launchEnd;
    this.#launchPassed = daily;
    this.#mark = now;
    const window = this.windows.at(-1);
    if (!window || !(window.start <= now && now < window.end)) return;
    const limit = daily ? config.dailyLimit : config.launchLimit;
    const committed = window.reserved + window.settled;
    // biome-ignore lint/complexity/useMathMinMax: there is no Math.max of bigints.
    window.limit = limit > committed ? limit : committed;
    if (limit < committed) window.frozen ??= 'limit_lowered';
    else if (window.frozen === 'limit_lowered') window.frozen = null;
  }
}
