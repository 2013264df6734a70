import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import type { TargetRepository } from './world/target-repository.ts';
import { type Place, taskName } from './world/tasks.ts';

/** Runs that are kept on their way: enough to keep all services busy, so that every fault meets some. */
const ON_THEIR_WAY = 36;
/** How many tasks a repository is given at a time: publishing on a platform takes several times as long as in a folder. */
const BATCH = { folder: 8, github: 4 } as const satisfies Record<Place, number>;

/** Asks for more and more tasks until `over`. Resolves with the names of those that were asked for. */
export async function feedTasks(
  repositories: readonly TargetRepository[],
  database: Database,
  over: AbortSignal,
): Promise<string[]> {
  const asked = repositories.map((repository) => ({ repository, count: 0 }));
  while (!over.aborted) {
    // The database may be down just now.
    const settled = await countSettled(database).catch(() => null);
    if (settled !== null && asked.reduce((sum, { count }) => sum + count, 0) - settled < ON_THEIR_WAY) {
      for (const one of asked) {
        one.count += BATCH[one.repository.place];
        one.repository.addTasks(one.count);
      }
    }
    await delay(500, undefined, { signal: over }).catch(() => {});
  }
  return asked.flatMap(({ repository, count }) =>
    Array.from({ length: count }, (_, index) => taskName(repository.place, index + 1)),
  );
}

export const countSettled = (database: Database): Promise<number> =>
  database.run.count({ where: { state: { in: [...SETTLED_STATES] } } });

/** Waits until the first runs have come as far as the coder, or for a while. */
export async function untilBusy(database: Database, over: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!over.aborted && performance.now() < deadlineMs) {
    if ((await database.stageRun.count({ where: { stage: 'code' } })) > 0) return;
    await delay(200);
  }
}
