import type { Review } from '@orchestrator/shared/contracts/review.ts';
import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { addStageRun } from '@orchestrator/shared/pipeline/end-run.ts';
import { MACHINE } from '@orchestrator/shared/pipeline/machine.ts';

export interface StartRoundOptions {
  readonly pullRequestId: string;
  /** What the platform shows at the head of the branch. */
  readonly headCommit: string;
  readonly maxRounds: number;
  /** Nothing new was said for so long, so that several comments make one round. */
  readonly quietMs: number;
}

/**
 * Sends a published change back to the coder with what was said about it, in the next round of the same run: same task,
 * same branch, same limits. One transaction; of two schedulers one starts it. Returns the round, or why there is none.
 */
export async function startRound(
  db: Database,
  options: StartRoundOptions,
): Promise<number | 'nothing' | 'quiet' | 'busy' | 'limit' | 'foreign'> {
  return db.$transaction(async (tx) => {
    const [run] = await tx.$queryRaw<{ id: string; state: string; round: number; head_commit: string }[]>`
      SELECT r.id, r.state, r.round, p.head_commit FROM pull_request p JOIN run r ON r.id = p.run_id
      WHERE p.id = ${options.pullRequestId}::uuid AND p.state = 'open' FOR UPDATE OF p, r`;
    if (run?.state !== 'in_review') return 'busy';
    const items = await waiting(tx, options.pullRequestId);
    if (items.length === 0) return 'nothing';
    const [age] = await tx.$queryRaw<{ quiet: boolean }[]>`
      SELECT max(created_at) < now() - ${options.quietMs} * interval '1 millisecond' AS quiet
      FROM review_item WHERE pull_request_id = ${options.pullRequestId}::uuid`;
    if (!age?.quiet && options.quietMs > 0) return 'quiet';
    // Somebody works on the branch by hand: what we would make could not be published.
    if (run.head_commit !== options.headCommit) return drop(tx, items, 'the branch holds commits of others', 'foreign');
    if (run.round >= options.maxRounds)
      return drop(tx, items, `the run has used its ${options.maxRounds} round(s)`, 'limit');
    const [other] = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM run a JOIN run r ON r.task_id = a.task_id WHERE r.id = ${run.id}::uuid AND a.id <> r.id
        AND a.state IN ('queued', 'baselining', 'analyzing', 'coding', 'validating', 'publishing')`;
    if (other) return 'busy';
    const round = run.round + 1;
    const ids = items.map(({ id }) => id);
    await tx.reviewItem.updateMany({ where: { id: { in: ids } }, data: { round } });
    const content: Review = {
      items: items.map(({ source, author, path, line, body }) => ({
        source: source as Review['items'][number]['source'],
        author,
        path,
        line,
        body,
      })),
    };
    await tx.artifact.create({ data: { runId: run.id, kind: 'review', round, content } });
    await tx.$executeRaw`
      UPDATE run SET state = ${MACHINE.code.during}, round = ${round}, version = version + 1, ended_at = NULL WHERE id = ${run.id}::uuid`;
    await addStageRun(tx, run.id, 'code', round);
    return round;
  });
}

const waiting = (tx: Transaction, pullRequestId: string) =>
  tx.reviewItem.findMany({ where: { pullRequestId, round: null, dropped: null }, orderBy: { saidAt: 'asc' } });

async function drop<T>(tx: Transaction, items: readonly { id: string }[], dropped: string, answer: T): Promise<T> {
  await tx.reviewItem.updateMany({ where: { id: { in: items.map(({ id }) => id) } }, data: { dropped } });
  return answer;
}
