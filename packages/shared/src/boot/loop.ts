import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from './resources.ts';

export interface LoopOptions {
  readonly name: string;
  /** Wait after a round that failed, or that names no wait of its own. */
  readonly everyMs: number;
  /** One round. May return how long to wait for the next. The signal says that the loop is stopping. */
  readonly round: (stopping: AbortSignal) => Promise<number | undefined>;
  /** Is told of an error of a round, after which the loop goes on. */
  readonly failed: (error: unknown) => void;
  /** Runs once after the last round, before stop() returns. */
  readonly atEnd?: () => Promise<void>;
}

export interface Loop extends Component {
  /** The next round begins at once, or as soon as the present one is over. */
  wake(): void;
}

/** Rounds of work with waits between them, one at a time, until it is stopped. */
export function createLoop({ name, everyMs, round, failed, atEnd }: LoopOptions): Loop {
  const stopping = new AbortController();
  let waiting = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      waiting = new AbortController();
      let waitMs = everyMs;
      try {
        waitMs = (await round(stopping.signal)) ?? everyMs;
      } catch (error) {
        failed(error);
      }
      await sleep(waitMs, undefined, { signal: waiting.signal }).catch(() => {});
    }
    await atEnd?.();
  }

  return {
    name,
    wake() {
      waiting.abort();
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
