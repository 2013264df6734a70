import type { JobPayload } from '@orchestrator/shared/contracts/job.ts';
import type { QueueName } from '@orchestrator/shared/pipeline/machine.ts';
import { ON_THEIR_WAY, WINDOW } from '@orchestrator/shared/pipeline/room.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { count } from '@orchestrator/shared/telemetry/record.ts';
import type pg from 'pg';

/** Of one queue in one round; what is left is published in the next. */
export const MOST_AT_ONCE = 2_000;
/** One relay a queue at a time; one that another relay is at is left to it. */
const LOCK = `BEGIN; SELECT c.queue FROM queue_control c
  WHERE c.queue <> '*' AND NOT c.paused AND NOT EXISTS (SELECT FROM queue_control a WHERE a.queue = '*' AND a.paused)
    AND EXISTS (SELECT FROM outbox o WHERE o.queue = c.queue AND o.not_before <= now())
  ORDER BY c.queue FOR NO KEY UPDATE SKIP LOCKED`;

/**
 * Picks what fits into the window, marks it as published and takes it out of the outbox. Repositories take turns, by
 * start-time fair queueing: each message takes one unit of its repository's virtual time, and the earliest start goes
 * first. A repository that comes back after a while begins at the queue's present time, so that it makes up for nothing.
 * Within a repository the rank of the outbox decides. The room is worked out once: not for each row, as it would be inline.
 *
 * $1: queues; $2: window, or null for twice what the consumers take at once; $3: most rows of a queue.
 */
const PICK = `
WITH room AS MATERIALIZED (
  SELECT c.queue, c.turn, least($3, coalesce($2, ${WINDOW}) - ${ON_THEIR_WAY}) AS free
  FROM queue_control c WHERE c.queue = ANY ($1)
), candidate AS (
  SELECT room.queue, room.free, p.id AS repository_id, head.stage_run_id, head.generation, head.rank_at,
    greatest(room.turn, coalesce(t.finish, 0)) + row_number() OVER (PARTITION BY room.queue, p.id ORDER BY head.rank_at, head.stage_run_id) - 1 AS start
  FROM room CROSS JOIN repository p LEFT JOIN queue_turn t ON t.queue = room.queue AND t.repository_id = p.id
  CROSS JOIN LATERAL (
    SELECT o.stage_run_id, o.generation, o.rank_at FROM outbox o
    JOIN stage_run s ON s.id = o.stage_run_id AND s.generation = o.generation AND s.state = 'pending'
    JOIN run r ON r.id = s.run_id AND r.paused_at IS NULL
    WHERE o.queue = room.queue AND o.repository_id = p.id AND o.not_before <= now()
    ORDER BY o.rank_at, o.stage_run_id LIMIT greatest(room.free, 0)
  ) head
  WHERE room.free > 0 AND NOT p.paused
), chosen AS (
  SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY queue ORDER BY start, rank_at, stage_run_id) AS place FROM candidate
  ) ranked WHERE place <= free
), taken AS (
  DELETE FROM outbox o USING chosen c WHERE o.stage_run_id = c.stage_run_id AND o.generation = c.generation
  RETURNING o.stage_run_id, o.generation, c.queue, c.repository_id, c.start, c.place
), marked AS (
  UPDATE stage_run s SET published_at = now() FROM taken t WHERE s.id = t.stage_run_id AND s.generation = t.generation AND s.state = 'pending'
), turns AS (
  INSERT INTO queue_turn (queue, repository_id, finish)
  SELECT queue, repository_id, max(start) + 1 FROM taken GROUP BY queue, repository_id
  ON CONFLICT (queue, repository_id) DO UPDATE SET finish = excluded.finish
), clock AS (
  UPDATE queue_control c SET turn = t.start FROM (SELECT queue, max(start) AS start FROM taken GROUP BY queue) t WHERE c.queue = t.queue
)
SELECT queue, stage_run_id AS "stageRunId", generation FROM taken ORDER BY queue, place`;

interface Picked extends JobPayload {
  readonly queue: QueueName;
}

/**
 * One round over all queues, in one transaction: picked and marked, published, committed. A crash in between, or a queue
 * that refuses, takes the marks back; what was published already is repeated then, and the claim makes that harmless.
 * `client` is the caller's alone. Returns the most that were published to one queue. Throws QUEUE_UNAVAILABLE.
 */
export async function publishDue(client: pg.ClientBase, transport: Transport, window?: number): Promise<number> {
  // Two statements without parameters go in one round trip.
  const [, locked] = (await client.query(LOCK)) as unknown as [unknown, pg.QueryResult<{ queue: QueueName }>];
  const queues = locked.rows.map((row) => row.queue);
  const { rows } =
    queues.length === 0
      ? { rows: [] }
      : await client.query<Picked>({ name: 'pick', text: PICK, values: [queues, window ?? null, MOST_AT_ONCE] });
  if (rows.length === 0) {
    await client.query('ROLLBACK');
    return 0;
  }
  const byQueue = Map.groupBy(rows, (row) => row.queue);
  await Promise.all(
    [...byQueue].map(([queue, picked]) =>
      transport.publish(
        queue,
        picked.map(({ stageRunId, generation }) => ({ stageRunId, generation })),
      ),
    ),
  );
  await client.query('COMMIT');
  for (const [queue, picked] of byQueue) count('orchestrator_published_total', { queue }, picked.length);
  return Math.max(...[...byQueue.values()].map((picked) => picked.length));
}
