import type { Database } from '../../db/client.ts';
import { readBacklog } from '../../read/backlog.ts';
import { QUEUES, type QueueName } from '../machine.ts';
import { ALL_QUEUES } from '../paused.ts';

/** A queue as the database sees it, which is how it is. */
export interface QueueState {
  readonly queue: QueueName;
  /** By itself, or with everything. */
  readonly paused: boolean;
  /** Could be claimed now. */
  readonly ready: number;
  /** Parked until a later instant, or held back by a pause. */
  readonly waiting: number;
  readonly running: number;
  /** Given up, and not replayed. */
  readonly dead: number;
  /** How long the first of the ready ones has been so; null: none is ready. */
  readonly oldestReadySeconds: number | null;
  /** Processes that take from it. */
  readonly workers: number;
  /** Messages that they take at once, together. */
  readonly slots: number;
}

/** Every queue, in the order of the pipeline. */
export async function readQueues(db: Database): Promise<QueueState[]> {
  const backlog = await readBacklog(db);
  const controls = await db.$queryRaw<Pick<QueueState, 'queue' | 'paused' | 'workers' | 'slots'>[]>`
    SELECT c.queue, c.paused OR a.paused AS paused, count(w.id)::int AS workers,
      coalesce(sum(w.concurrency) FILTER (WHERE NOT w.draining), 0)::int AS slots
    FROM queue_control c JOIN queue_control a ON a.queue = ${ALL_QUEUES}
    LEFT JOIN worker w ON c.queue = ANY (w.queues) AND w.last_seen > now() - interval '30 seconds'
    GROUP BY c.queue, a.queue`;
  return QUEUES.map((queue) => {
    const stages = backlog.filter((row) => row.queue === queue);
    const sum = (field: 'ready' | 'waiting' | 'running' | 'dead') =>
      stages.reduce((total, row) => total + row[field], 0);
    const ages = stages.flatMap((row) => (row.oldestReadySeconds === null ? [] : [row.oldestReadySeconds]));
    const control = controls.find((row) => row.queue === queue);
    return {
      queue,
      paused: control?.paused ?? false,
      ready: sum('ready'),
      waiting: sum('waiting'),
      running: sum('running'),
      dead: sum('dead'),
      oldestReadySeconds: ages.length === 0 ? null : Math.max(...ages),
      workers: control?.workers ?? 0,
      slots: control?.slots ?? 0,
    };
  });
}
