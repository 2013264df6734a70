import type { Logger } from 'pino';

/** Errors with less than this between them belong to one outage. */
const ONE_OUTAGE_MS = 60_000;

/**
 * Tells of an outage once. Every queue and worker has connections of its own, and each of them fails again with each try
 * to connect: that would be hundreds of lines for one cause.
 */
export function createOutageLog(log: Logger): { failed(error: Error): void; over(): void } {
  let lastAt: number | undefined;
  let beganAt = 0;
  return {
    failed(error) {
      const now = performance.now();
      const isNew = lastAt === undefined || now - lastAt > ONE_OUTAGE_MS;
      if (isNew) beganAt = now;
      lastAt = now;
      if (isNew) log.warn({ err: error }, 'the queue cannot be reached; work waits until it is back');
      else log.debug({ err: error }, 'the queue still cannot be reached');
    },
    over() {
      if (lastAt === undefined) return;
      lastAt = undefined;
      log.info({ afterMs: Math.round(performance.now() - beganAt) }, 'the queue can be reached again');
    },
  };
}
