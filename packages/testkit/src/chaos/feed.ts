import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import type { TargetRepository } from './world/target-repository.ts';

/** Runs that are kept on their way: enough to keep all services busy, so that every fault meets some. */
const ON_THEIR_WAY = 36;
const BATCH = 12;

/** Asks for more and more tasks until `over`. Resolves with how many were asked for. */
export async function feedTasks(repository: TargetRepository, database: Database, over: AbortSignal): Promise<number> {
  let asked = 0;
  while (!over.aborted) {
    // The database may be down just now.
    const settled = await countSettled(database).catch(() => null);
    if (settled !== null && asked - settled < ON_THEIR_WAY) {
      asked += BATCH;
      repository.addTasks(asked);
    }
    await delay(500, undefined, { signal: over }).catch(() => {});
  }
  return asked;
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
