import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AppError } from '../errors/app-error.ts';
import { databaseOutage } from '../errors/store-outage.ts';

/** A store that restarts takes seconds. Who names an address that is wrong is told of it at once, by the first warning. */
const PATIENCE_MS = 15_000;
const EVERY_MS = 1_000;

/**
 * Opens what a process needs, again and again while a store is away, so that one that restarts ends no service. Throws
 * DATABASE_UNAVAILABLE or QUEUE_UNAVAILABLE when it stays away, and everything else at once.
 */
export async function untilThere<T>(
  open: () => Promise<T>,
  log: Logger,
  { patienceMs = PATIENCE_MS, everyMs = EVERY_MS } = {},
): Promise<T> {
  const beganAt = performance.now();
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      const away = error instanceof AppError ? error : databaseOutage(error);
      if (away === undefined || !AWAY.includes(away.code) || performance.now() - beganAt > patienceMs) throw error;
      if (tries === 1) log.warn({ code: away.code, next: away.next }, `${away.message} Tried again for a while.`);
      await sleep(everyMs);
    }
  }
}

const AWAY: readonly string[] = ['DATABASE_UNAVAILABLE', 'QUEUE_UNAVAILABLE'];
