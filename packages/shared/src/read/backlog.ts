import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { QUEUE_OF, type QueueName, STAGES, type Stage } from '../pipeline/machine.ts';
import { notPaused } from '../pipeline/paused.ts';

/** What there is to do of one stage, as the database knows it. */
export interface StageBacklog {
  readonly stage: Stage;
  readonly queue: QueueName;
  /** Could be claimed now. */
  readonly ready: number;
  /** Parked until a later instant, or held back by a pause. */
  readonly waiting: number;
  readonly running: number;
  /** Given up, and their task has no newer run. */
  readonly dead: number;
  /** How long the first of the ready ones has been so; null: none is ready. */
  readonly oldestReadySeconds: number | null;
}

const QUEUE_ROWS = Prisma.join(STAGES.map((stage) => Prisma.sql`(${stage}::text, ${QUEUE_OF[stage]}::text)`));

/** One row a stage, whether anything is to be done or not. One query. */
export async function readBacklog(db: Pick<Database, '$queryRaw'>): Promise<StageBacklog[]> {
  const rows = await db.$queryRaw<StageBacklog[]>`
    WITH work AS (
      SELECT s.stage, s.state, s.available_at, s.available_at <= now() AND ${notPaused()} AS due,
        s.state = 'dead' AND EXISTS (SELECT 1 FROM run later WHERE later.task_id = r.task_id AND later.created_at > r.created_at) AS superseded
      FROM stage_run s JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
      WHERE s.state IN ('pending', 'running', 'dead')
    )
    SELECT q.stage, q.queue,
      count(*) FILTER (WHERE state = 'pending' AND due)::int AS ready,
      count(*) FILTER (WHERE state = 'pending' AND NOT due)::int AS waiting,
      count(*) FILTER (WHERE state = 'running')::int AS running,
      count(*) FILTER (WHERE state = 'dead' AND NOT superseded)::int AS dead,
      extract(epoch FROM now() - min(available_at) FILTER (WHERE state = 'pending' AND due))::float8 AS "oldestReadySeconds"
    FROM (VALUES ${QUEUE_ROWS}) AS q (stage, queue) LEFT JOIN work ON work.stage = q.stage
    GROUP BY q.stage, q.queue`;
  return STAGES.map((stage) => rows.find((row) => row.stage === stage) as StageBacklog);
}
