import type { Logger } from 'pino';
import type { Canary } from '../queue/bullmq-canary.ts';
import type { Transport } from '../queue/transport.ts';
import { sample } from '../telemetry/metrics.ts';
import { createLoop } from './loop.ts';
import type { Component } from './resources.ts';

export interface CanaryOptions {
  readonly transport: Pick<Transport, 'openCanary'>;
  readonly workerId: string;
  readonly log: Logger;
  /** Default 10 s. */
  readonly everyMs?: number;
  /** How long a message that the queue took may be on its way. Default 60 s. */
  readonly patienceMs?: number;
}

/**
 * Sends messages to itself through the queue. A backend that answers a ping may still refuse writes, and a worker that
 * says it is running may never take another message: only a message that comes back shows that both work.
 *
 * Live while what was sent comes back; a queue that takes nothing is no reason to restart, only not to be ready.
 */
export function createCanary(options: CanaryOptions): Component {
  const { transport, workerId, log, everyMs = 10_000, patienceMs = 60_000 } = options;
  let canary: Canary | undefined;
  let arrivedAt = performance.now();
  /** The first that was sent since one last came back. */
  let unansweredSince: number | undefined;
  let refusal: unknown = new Error('no message has been sent yet');

  async function send(): Promise<void> {
    try {
      const sentAt = performance.now();
      await canary?.send();
      // It may have come back already.
      if (arrivedAt < sentAt) unansweredSince ??= sentAt;
      refusal = undefined;
    } catch (error) {
      refusal = error;
      // What was on its way may be lost with the backend; the patience begins anew with the first that it takes.
      unansweredSince = undefined;
      throw error;
    }
  }

  const loop = createLoop({
    name: 'canary',
    everyMs,
    async round() {
      await send();
      return undefined;
    },
    failed: (error) => log.debug({ err: error }, 'the queue takes no message'),
  });
  return {
    ...loop,
    async start() {
      canary = await transport.openCanary(`canary-${workerId}`, () => {
        arrivedAt = performance.now();
        unansweredSince = undefined;
      });
      await loop.start();
    },
    async stop() {
      await loop.stop();
      await canary?.close();
    },
    stuck() {
      if (unansweredSince === undefined) return loop.stuck?.() ?? null;
      const waitingMs = performance.now() - unansweredSince;
      return waitingMs > patienceMs
        ? `no message came back through the queue for ${Math.round(waitingMs / 1_000)} s`
        : null;
    },
    checks: {
      /** A write, now: what the last round saw may be long ago. */
      queue: async () => {
        await send();
        if (refusal !== undefined) throw refusal;
      },
    },
    samples: async () => [sample('orchestrator_canary_age_seconds', {}, (performance.now() - arrivedAt) / 1_000)],
  };
}
