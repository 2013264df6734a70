import type { Database } from '@orchestrator/shared/db/client.ts';

/** Longer than a publication may take. */
const HOLD_MS = 5 * 60_000;

/** Publications of a repository one after the other, over all notifiers: otherwise two could pass a limit together. */
export function oneAtATime<T>(db: Database, repositoryId: string, work: () => Promise<T>): Promise<T> {
  return db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('publish:' || ${repositoryId}::text, 0))`;
      return work();
    },
    { timeout: HOLD_MS, maxWait: HOLD_MS },
  );
}
