import type { Database } from '../../db/client.ts';
import { announce } from '../announce.ts';
import { type By, record } from './intervention.ts';
import { matching, type StageFilter } from './stage-filter.ts';

/**
 * Lets stages that wait for an instant look again at once; what still holds them sends them back. Returns how many.
 * `by` null: nobody asked, and nothing is put on record.
 */
export async function retryNow(db: Database, filter: StageFilter, by: By | null): Promise<number> {
  return db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      UPDATE stage_run s SET available_at = now(), generation = s.generation + 1, published_at = NULL
      FROM run r JOIN task t ON t.id = r.task_id
      WHERE r.id = s.run_id AND s.state = 'pending' AND s.available_at > now() AND ${matching(filter)} RETURNING s.id`;
    await announce(
      tx,
      rows.map((row) => row.id),
    );
    if (by) await record(tx, 'retry', by, { filter }, rows.length);
    return rows.length;
  });
}
