import type { Database } from '@orchestrator/shared/db/client.ts';
import { announce } from '@orchestrator/shared/pipeline/commit-outcome.ts';

/** What a person can have put right before starting again: the machine, keys and models, the limits of the budget. */
const LOOKED_AT_AGAIN = ['sandbox', 'configuration', 'budget'];

/** Lets stages that wait for a person look again at once. What is still wrong sends them back. Returns how many. */
export async function wakeWaiting(db: Database): Promise<number> {
  return db.$transaction(async (tx) => {
    const woken = await tx.$queryRaw<{ id: string }[]>`
      UPDATE stage_run SET available_at = now(), generation = generation + 1, published_at = NULL
      WHERE state = 'pending' AND available_at > now() AND parked_reason = ANY (${LOOKED_AT_AGAIN}) RETURNING id`;
    for (const { id } of woken) await announce(tx, id);
    return woken.length;
  });
}
