import type { Database } from '../../db/client.ts';
import { SETTLED_STATES } from '../machine.ts';
import { type By, record } from './intervention.ts';

/**
 * Asks a run to stop: a stage in progress is aborted at its next heartbeat, one that waits is swept within seconds.
 * False: the run has ended already, or was asked before.
 */
export async function cancelRun(db: Database, runId: string, by: By): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$executeRaw`
      UPDATE run SET cancel_requested_at = now()
      WHERE id = ${runId}::uuid AND cancel_requested_at IS NULL AND state <> ALL (${[...SETTLED_STATES]}::text[])`;
    if (changed > 0) await record(tx, 'cancel', by, { runId }, changed);
    return changed > 0;
  });
}
