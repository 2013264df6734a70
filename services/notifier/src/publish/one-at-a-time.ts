import type { Database } from '@orchestrator/shared/db/client.ts';
import { holding } from '@orchestrator/shared/db/hold.ts';
import { GitHubWait } from '@orchestrator/shared/github/github-error.ts';

/** Longer than a publication takes. */
const HOLD_MS = 2 * 60_000;
/** Another publication takes seconds. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Publications of a repository one after the other, over all notifiers: otherwise two could pass a limit together. Whoever
 * comes second waits without a worker: throws GitHubWait.
 */
export async function oneAtATime<T>(db: Database, repositoryId: string, work: () => Promise<T>): Promise<T> {
  const done = await holding(db, `publishing:${repositoryId}`, HOLD_MS, work);
  if (done === null) throw new GitHubWait('PUBLISH_BUSY', new Date(Date.now() + LOOK_AGAIN_MS));
  return done.result;
}
