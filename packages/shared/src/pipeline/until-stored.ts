import { setTimeout as sleep } from 'node:timers/promises';
import { StaleClaim } from './commit-outcome.ts';

/** A restart of the database takes seconds: waits between tries, about 15 s together, well within a lease. */
const WAITS_MS = [100, 300, 700, 1_500, 3_000, 4_000, 5_000];

/**
 * Tries `store` again when the database does not take it, so that work which is done is not lost to a short outage. A
 * stolen claim is final. Otherwise the last error is thrown.
 *
 * An answer may get lost after its commit: `stored` then says whether the first try went through.
 */
export async function untilStored<T>(store: () => Promise<T>, stored: () => Promise<T | null>): Promise<T> {
  for (const [tries, waitMs] of [...WAITS_MS, null].entries()) {
    try {
      const before = tries === 0 ? null : await stored();
      return before ?? (await store());
    } catch (error) {
      if (error instanceof StaleClaim || waitMs === null || isRefusal(error)) throw error;
      await sleep(waitMs);
    }
  }
  throw new Error('not reached');
}

/** The database understood and says no (SQLSTATE classes 22 and 23): trying again cannot help. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, meta } = error as { code?: unknown; meta?: unknown };
  return /\b2[23][0-9A-Z]{3}\b/.test(`${code} ${error.message} ${JSON.stringify(meta ?? '')}`);
}
