import type { Database } from '@orchestrator/shared/db/client.ts';
import { settleCancelled } from '@orchestrator/shared/pipeline/end-run.ts';
import type { Stage } from '@orchestrator/shared/pipeline/machine.ts';

/** Ends runs that were cancelled while nobody worked on them. Returns how many. */
export async function sweepCancelled(db: Database): Promise<number> {
  return db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ runId: string; stage: Stage }[]>`
      UPDATE stage_run s SET state = 'cancelled', ended_at = now(), outcome = 'cancelled' FROM run r
      WHERE r.id = s.run_id AND r.cancel_requested_at IS NOT NULL AND s.state = 'pending' RETURNING s.run_id AS "runId", s.stage`;
    for (const { runId, stage } of rows) await settleCancelled(tx, runId, stage);
    return rows.length;
  });
}
