/**
 * The bounded publish window, as SQL. No more messages of a queue are on their way than twice what its workers take at
 * once, so that a priority counts until the last moment, and a wiped queue is small.
 */
import { QUEUE_OF, STAGES } from './machine.ts';

/** So that the first worker finds work, whenever it comes. */
const LEAST_WINDOW = 4;
/** Workers that were not heard of for this long are not counted. */
const HEARD_OF = "interval '30 seconds'";
const STAGES_OF = STAGES.map((stage) => `('${stage}', '${QUEUE_OF[stage]}')`).join(', ');

/** Messages of queue `c.queue` that may be on their way. */
export const WINDOW = `greatest(${LEAST_WINDOW}, 2 * coalesce((
      SELECT sum(w.concurrency) FROM worker w WHERE c.queue = ANY (w.queues) AND NOT w.draining AND w.last_seen > now() - ${HEARD_OF}
    ), 0))`;

/** Those that are: with the queue, or with a worker. */
export const ON_THEIR_WAY = `(
      SELECT count(*) FROM stage_run s WHERE (s.state = 'running' OR (s.state = 'pending' AND s.published_at IS NOT NULL))
        AND s.stage IN (SELECT v.stage FROM (VALUES ${STAGES_OF}) AS v (stage, queue) WHERE v.queue = c.queue)
    )`;
