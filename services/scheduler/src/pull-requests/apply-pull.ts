import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { readMarker, wantsRebuild } from '@orchestrator/shared/github/pull-marker.ts';
import { addEvents, settleRun } from '@orchestrator/shared/pipeline/end-run.ts';
import type { RunState } from '@orchestrator/shared/pipeline/machine.ts';
import type { Logger } from 'pino';
import { settleSuperseded } from './settle-superseded.ts';

/** A pull request as the platform shows it now. */
export interface SeenPull {
  readonly number: number;
  readonly url: string;
  readonly body: string | null;
  readonly labels: readonly string[];
  readonly headCommit: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** When it was merged or closed. */
  readonly endedAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly run_id: string;
  readonly run_state: RunState;
  readonly task_id: string;
  readonly end_code: string | null;
}

/**
 * Brings our rows to what the platform shows: one transaction, and no effect where they say so already. A merge or a
 * close ends the run that was in review, a reopening puts it back, and a wish for a rebuild asks for another run.
 */
export async function applyPull(
  db: Database,
  { repositoryId, rebuildLabel }: { readonly repositoryId: string; readonly rebuildLabel: string },
  pull: SeenPull,
  log: Logger,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<Row[]>`
      SELECT p.id, p.state, p.run_id, r.state AS run_state, r.task_id, r.end_code
      FROM pull_request p JOIN run r ON r.id = p.run_id
      WHERE p.repository_id = ${repositoryId}::uuid AND p.number = ${pull.number} FOR UPDATE OF p, r`;
    if (!row) return;
    if (row.state === 'open' && pull.state === 'closed' && readMarker(pull.body)?.ended === 'superseded') {
      // A process of ours died right after it had closed it.
      await settleSuperseded(tx, { id: row.id, number: pull.number, runId: row.run_id }, 'nobody needs it any more.');
    } else if (row.state !== pull.state) {
      await storeState(tx, row, pull);
      log.info({ run: row.run_id, number: pull.number, state: pull.state }, 'pull request changed');
    }
    if (pull.state === 'open' && (wantsRebuild(pull.body) || pull.labels.includes(rebuildLabel)))
      await askForRun(tx, row);
  });
}

async function storeState(tx: Transaction, row: Row, { state, endedAt, number, url }: SeenPull): Promise<void> {
  await tx.pullRequest.update({
    where: { id: row.id },
    data: {
      state,
      mergedAt: state === 'merged' ? endedAt : null,
      closedAt: state === 'open' ? null : endedAt,
    },
  });
  if (state === 'open') {
    if (row.run_state === 'rejected' && row.end_code === 'PULL_REQUEST_CLOSED')
      await settleRun(tx, row.run_id, 'in_review', null);
    if (row.run_state === 'cancelled' && row.end_code === 'PULL_REQUEST_SUPERSEDED') {
      await settleRun(tx, row.run_id, 'in_review', null);
      await tx.$executeRaw`UPDATE run SET cancel_requested_at = NULL WHERE id = ${row.run_id}::uuid`;
      await tx.pullOutcome.deleteMany({ where: { pullRequestId: row.id, runId: row.run_id } });
      // A person wants it: we do not close it again.
      await tx.pullRequest.update({ where: { id: row.id }, data: { reactedAt: new Date() } });
    }
    return;
  }
  // A merge is a fact whatever became of later rounds; what works on the branch now finds out when it publishes.
  const superseded = row.end_code === 'PULL_REQUEST_SUPERSEDED' || row.end_code === 'RUN_SUPERSEDED';
  if (state === 'merged' && (superseded || ['in_review', 'rejected', 'failed'].includes(row.run_state))) {
    await settleRun(tx, row.run_id, 'merged', null);
    await addEvents(tx, row.run_id, [{ type: 'run.merged', data: { number, url } }]);
  }
  if (state !== 'closed' || row.run_state !== 'in_review') return;
  const message = `Pull request ${number} was closed without merging.`;
  await settleRun(tx, row.run_id, 'rejected', { code: 'PULL_REQUEST_CLOSED', message });
}

/** Only where people's commits stopped us: the label or box is what they set to let us go on. */
async function askForRun(tx: Transaction, row: Row): Promise<void> {
  await tx.$executeRaw`
    UPDATE task t SET retry_requested_at = now()
    WHERE t.id = ${row.task_id}::uuid AND t.retry_requested_at IS NULL
      AND (SELECT r.state = 'failed' AND r.end_code = 'PUBLISH_FOREIGN_COMMIT' FROM run r WHERE r.task_id = t.id
           ORDER BY r.task_revision DESC, r.number DESC LIMIT 1)`;
}
