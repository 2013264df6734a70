import type { Transaction } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { settleRun } from '@orchestrator/shared/pipeline/end-run.ts';

export interface SupersededRow {
  /** Of the pull request. */
  readonly id: string;
  readonly number: number;
  readonly runId: string;
}

/**
 * Brings our rows to a pull request that we closed because nobody needs it any more. The task gets another run where it
 * comes back. False: another process was faster.
 */
export async function settleSuperseded(tx: Transaction, row: SupersededRow, reason: string): Promise<boolean> {
  const closed = await tx.$executeRaw`
    UPDATE pull_request SET state = 'closed', closed_at = now(), updated_at = now() WHERE id = ${row.id}::uuid AND state = 'open'`;
  if (closed === 0) return false;
  await tx.pullOutcome.upsert({
    where: { pullRequestId_runId: { pullRequestId: row.id, runId: row.runId } },
    create: { pullRequestId: row.id, number: row.number, runId: row.runId, result: 'superseded', reason },
    update: { result: 'superseded', cause: null, reason },
  });
  const { state } = await tx.run.findUniqueOrThrow({ where: { id: row.runId }, select: { state: true } });
  if (state !== 'in_review') return true;
  const { code, message } = new AppError('PULL_REQUEST_SUPERSEDED', { number: row.number, reason });
  await settleRun(tx, row.runId, 'cancelled', { code, message });
  await tx.$executeRaw`UPDATE run SET cancel_requested_at = now() WHERE id = ${row.runId}::uuid`;
  return true;
}
