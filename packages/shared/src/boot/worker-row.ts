import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import type { QueueName } from '../pipeline/machine.ts';
import { createLoop } from './loop.ts';
import type { Component } from './resources.ts';
import { VERSION } from './version.ts';

export interface WorkerRowOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly workerId: string;
  readonly queues: readonly QueueName[];
  /** Messages of each queue at once. */
  readonly concurrency: number;
  /** What it works on now. */
  readonly inFlight: () => number;
}

/** A third of the time after which the relay counts a worker out. */
const EVERY_MS = 10_000;

/**
 * The row that says that this process takes work: the relay publishes by it, people see by it who is there. It decides
 * nothing else; a worker without a row works all the same.
 */
export function createWorkerRow(options: WorkerRowOptions): Component & { drain(): void } {
  const { db, log, workerId, queues, concurrency, inFlight } = options;
  const service = queues.length === 1 ? (queues[0] as string) : 'embedded';
  let draining = false;

  const loop = createLoop({
    name: 'worker row',
    everyMs: EVERY_MS,
    async round() {
      const now = { draining, inFlight: inFlight(), queues: [...queues], concurrency };
      // By the database's clock, like everything that is compared with now().
      await db.$executeRaw`
        INSERT INTO worker (id, service, version, queues, concurrency, draining, in_flight)
        VALUES (${workerId}, ${service}, ${VERSION}, ${now.queues}::text[], ${now.concurrency}, ${now.draining}, ${now.inFlight})
        ON CONFLICT (id) DO UPDATE SET last_seen = now(), draining = excluded.draining, in_flight = excluded.in_flight`;
      return undefined;
    },
    failed: (error) => log.debug({ err: error }, 'worker row not written; tried again'),
    atEnd: async () => {
      await db.worker.deleteMany({ where: { id: workerId } }).catch(() => {});
    },
  });
  return {
    ...loop,
    /** It takes no more work. */
    drain() {
      draining = true;
      loop.wake();
    },
  };
}
