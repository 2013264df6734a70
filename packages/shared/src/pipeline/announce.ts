import type { Database, Transaction } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { QUEUE_OF, STAGES } from './machine.ts';

/**
 * Announcing work: an outbox row, which the relay publishes. Rows of a queue are ranked by the age of their run, with a
 * head start of half an hour for each step of its priority. So a priority counts, and nothing waits for ever: what is
 * older by the head start goes first, whatever its priority.
 */
export const HEAD_START = Prisma.raw("interval '30 minutes'");

/** The queue of a stage, as SQL over a column that holds the stage. */
export const queueOf = (stage: string): Prisma.Sql =>
  Prisma.raw(`CASE ${stage} ${STAGES.map((name) => `WHEN '${name}' THEN '${QUEUE_OF[name]}'`).join(' ')} END`);

/** Columns of an outbox row for stage run `s` of run `r` of task `t`. */
export const OUTBOX_COLUMNS = Prisma.raw('stage_run_id, generation, queue, repository_id, rank_at, not_before');
export const outboxRow = (): Prisma.Sql =>
  Prisma.sql`s.id, s.generation, ${queueOf('s.stage')}, t.repository_id, r.created_at - r.priority * ${HEAD_START}, s.available_at`;
export const REPLACE_OLDER = Prisma.raw(
  'ON CONFLICT (stage_run_id) DO UPDATE SET generation = excluded.generation, rank_at = excluded.rank_at, not_before = excluded.not_before, created_at = now()',
);

/** Writes the outbox rows of stage runs in their current generation; the relay wakes when the transaction commits. */
export async function announce(tx: Pick<Transaction, '$executeRaw'>, stageRunIds: readonly string[]): Promise<void> {
  if (stageRunIds.length === 0) return;
  await tx.$executeRaw`
    WITH written AS (
      INSERT INTO outbox (${OUTBOX_COLUMNS})
      SELECT ${outboxRow()} FROM stage_run s JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id
      WHERE s.id = ANY (${[...stageRunIds]}::uuid[])
      ${REPLACE_OLDER}
    )
    SELECT pg_notify('outbox', '')`;
}

/** Announces pending stage runs `s` that were published, in a new generation. Returns how many. */
export async function republish(tx: Transaction, which: Prisma.Sql): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE stage_run s SET generation = generation + 1, published_at = NULL
    WHERE s.state = 'pending' AND s.published_at IS NOT NULL AND ${which} RETURNING s.id`;
  await announce(
    tx,
    rows.map((row) => row.id),
  );
  return rows.length;
}

/** Announces the pending stage of a run whose message did not reach the queue. Returns how many that were. */
export const takeBack = (db: Database, runId: string): Promise<number> =>
  db.$transaction((tx) => republish(tx, Prisma.sql`s.run_id = ${runId}::uuid`));
