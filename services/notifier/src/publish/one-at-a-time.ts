import { randomUUID } from 'node:crypto';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { GitHubWait } from '@orchestrator/shared/github/github-error.ts';

/** Longer than a publication takes; a process that died in one holds up the others for no longer. */
const HOLD_MS = 2 * 60_000;
/** Another publication takes seconds. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Publications of a repository one after the other, over all notifiers: otherwise two could pass a limit together. Whoever
 * comes second waits without a worker: throws GitHubWait. A row with an end, and no lock of the database, so that no
 * transaction is held open while the network is slow.
 */
export async function oneAtATime<T>(db: Database, repositoryId: string, work: () => Promise<T>): Promise<T> {
  const key = `publishing:${repositoryId}`;
  const holder = randomUUID();
  const taken = await db.$executeRaw`
    INSERT INTO setting (key, value)
    VALUES (${key}, jsonb_build_object('holder', ${holder}::text, 'until', now() + ${HOLD_MS} * interval '1 millisecond'))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE (setting.value->>'until')::timestamptz < now()`;
  if (taken === 0) throw new GitHubWait('PUBLISH_BUSY', new Date(Date.now() + LOOK_AGAIN_MS));
  try {
    return await work();
  } finally {
    await db.$executeRaw`DELETE FROM setting WHERE key = ${key} AND value->>'holder' = ${holder}`.catch(() => {});
  }
}
