import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../telemetry/record.ts';
import type { Component } from './resources.ts';

export interface LoopOptions {
  readonly name: string;
  /** Wait after a round that failed, or that names no wait of its own. */
  readonly everyMs: number;
  /** One round. May return how long to wait for the next. The signal says that the loop is stopping. */
  readonly round: (stopping: AbortSignal) => Promise<number | undefined>;
  /** Is told of an error of a round, after which the loop goes on. */
  readonly failed: (error: unknown) => void;
  /** A round that takes longer than this makes no progress any more. Default 5 minutes. */
  readonly stuckAfterMs?: number;
  /** Runs once after the last round, before stop() returns. */
  readonly atEnd?: () => Promise<void>;
}

export interface Loop extends Component {
  /** The next round begins at once, or as soon as the present one is over. */
  wake(): void;
  stuck(): string | null;
}

const STUCK_AFTER_MS = 300_000;

/** Rounds of work with waits between them, one at a time, until it is stopped. */
export function createLoop(options: LoopOptions): Loop {
  const { name, everyMs, round, failed, stuckAfterMs = STUCK_AFTER_MS, atEnd } = options;
  const stopping = new AbortController();
  let waiting = new AbortController();
  let running: Promise<void> | undefined;
  let roundBeganAt: number | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      waiting = new AbortController();
      let waitMs = everyMs;
      roundBeganAt = performance.now();
      try {
        waitMs = (await round(stopping.signal)) ?? everyMs;
        count('orchestrator_loop_rounds_total', { loop: name, outcome: 'ok' });
      } catch (error) {
        count('orchestrator_loop_rounds_total', { loop: name, outcome: 'failed' });
        failed(error);
      }
      roundBeganAt = undefined;
      await sleep(waitMs, undefined, { signal: waiting.signal }).catch(() => {});
    }
    await atEnd?.();
  }

  return {
    name,
    wake() {
      waiting.abort();
    },
    stuck() {
      const tookMs = roundBeganAt === undefined ? 0 : performance.now() - roundBeganAt;
      return tookMs > stuckAfterMs ? `a round has taken ${Math.round(tookMs / 1_000)} s so far` : null;
    },
    async start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      waiting.abort();
      await running;
    },
  };
}
