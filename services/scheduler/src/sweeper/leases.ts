import type { Database } from '@orchestrator/shared/db/client.ts';
import { announce } from '@orchestrator/shared/pipeline/announce.ts';
import { MAX_CRASHES } from '@orchestrator/shared/pipeline/claim.ts';
import { endAttempt, settleRun } from '@orchestrator/shared/pipeline/end-run.ts';
import type { Stage } from '@orchestrator/shared/pipeline/machine.ts';

interface Row {
  readonly id: string;
  readonly runId: string;
  readonly stage: Stage;
  readonly fence: bigint;
  readonly crashes: number;
}

/**
 * A lease that ran out means that its worker died or hung: counted as a crash, and tried again unless it happens too
 * often. Returns how many.
 */
export async function sweepLeases(db: Database, maxCrashes: number = MAX_CRASHES): Promise<number> {
  return db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<Row[]>`
      UPDATE stage_run s SET crash_count = crash_count + 1, generation = generation + 1, published_at = NULL, lease_owner = NULL, lease_until = NULL,
        available_at = now(), state = CASE WHEN crash_count + 1 >= ${maxCrashes} THEN 'dead' ELSE 'pending' END,
        outcome = CASE WHEN crash_count + 1 >= ${maxCrashes} THEN 'dead' ELSE outcome END,
        ended_at = CASE WHEN crash_count + 1 >= ${maxCrashes} THEN now() END
      WHERE s.id IN (SELECT id FROM stage_run WHERE state = 'running' AND lease_until < now() ORDER BY id FOR UPDATE SKIP LOCKED)
      RETURNING id, run_id AS "runId", stage, fence, crash_count AS crashes`;
    const again: string[] = [];
    for (const { id, runId, stage, fence, crashes } of rows) {
      await endAttempt(tx, { stageRunId: id, fence }, 'crashed');
      if (crashes < maxCrashes) again.push(id);
      else {
        const message = `The stage ${stage} died ${crashes} time(s).`;
        await settleRun(tx, runId, 'failed', { code: 'CRASHED', message });
      }
    }
    await announce(tx, again);
    return rows.length;
  });
}
