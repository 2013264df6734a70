import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from './leader.ts';

/**
 * Deletes what nobody asks for any more: events with their deliveries, attempts, and the larger results of runs that
 * ended long ago. Runs, stage runs, verdicts, publications, model calls and the ledger stay: they answer what was done
 * and what it cost, and tell our own commits from others'.
 */
export interface RetentionOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly leader: Leader;
  /** What is older is deleted; 0: nothing ever is. */
  readonly days: number;
}

const EVERY_MS = 3_600_000;
/** Rows of a statement: a first clean-up of years must not hold locks for minutes. */
const AT_ONCE = 5_000;
/** A process that was not heard of for a day does not come back. */
const WORKER_GONE = "interval '1 day'";

export const createRetention = ({ db, log, leader, days }: RetentionOptions): Component =>
  createLoop({
    name: 'retention',
    everyMs: EVERY_MS,
    round: whenLeading(leader, async (stopping) => {
      const deleted = await deleteOld(db, days, stopping);
      if (deleted > 0) log.info({ rows: deleted, days }, 'old rows deleted');
      return undefined;
    }),
    failed: (error) => log.warn({ err: error }, 'old rows could not be deleted; tried again'),
  });

const OLD_RUNS = `SELECT r.id FROM run r WHERE r.state IN ('merged', 'rejected', 'failed', 'cancelled')
  AND r.ended_at < now() - $1 * interval '1 day'`;

/** In this order, because deliveries refer to events. */
const DELETIONS = [
  `DELETE FROM delivery WHERE id IN (SELECT d.id FROM delivery d JOIN event e ON e.id = d.event_id
     WHERE e.at < now() - $1 * interval '1 day' LIMIT ${AT_ONCE})`,
  `DELETE FROM event WHERE id IN (SELECT e.id FROM event e WHERE e.at < now() - $1 * interval '1 day'
     AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id) LIMIT ${AT_ONCE})`,
  `DELETE FROM stage_attempt WHERE (stage_run_id, fence) IN (SELECT a.stage_run_id, a.fence FROM stage_attempt a
     JOIN stage_run s ON s.id = a.stage_run_id WHERE s.run_id IN (${OLD_RUNS}) LIMIT ${AT_ONCE})`,
  `DELETE FROM artifact WHERE id IN (SELECT a.id FROM artifact a
     WHERE a.kind NOT IN ('verdict', 'publication') AND a.run_id IN (${OLD_RUNS}) LIMIT ${AT_ONCE})`,
];

/** Returns how many rows were deleted, workers that are gone aside. */
export async function deleteOld(db: Database, days: number, stopping?: AbortSignal): Promise<number> {
  await db.$executeRawUnsafe(`DELETE FROM worker WHERE last_seen < now() - ${WORKER_GONE}`);
  if (days === 0) return 0;
  let deleted = 0;
  for (const statement of DELETIONS) {
    for (let rows = AT_ONCE; rows === AT_ONCE && !stopping?.aborted; deleted += rows) {
      rows = await db.$executeRawUnsafe(statement, days);
    }
  }
  return deleted;
}
