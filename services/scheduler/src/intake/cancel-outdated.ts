import type { Transaction } from '@orchestrator/shared/db/client.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';

/** Asks runs to stop whose task is gone, done, or says something else by now. Returns their number. */
export const cancelOutdatedRuns = (tx: Transaction, repositoryId: string): Promise<number> =>
  tx.$executeRaw`
    UPDATE run r SET cancel_requested_at = now()
    FROM task t
    WHERE t.id = r.task_id AND t.repository_id = ${repositoryId}::uuid
      AND r.state <> ALL (${[...SETTLED_STATES]}::text[]) AND r.cancel_requested_at IS NULL
      AND (r.task_revision <> t.revision OR t.status IN ('removed', 'done'))`;
