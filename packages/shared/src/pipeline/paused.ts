import type { Database, Transaction } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { queueOf } from './announce.ts';

/** The name in queue_control that stands for every queue. */
export const ALL_QUEUES = '*';

/** SQL: nothing that holds stage run `s` of run `r` in repository `p` is paused. */
export const notPaused = (): Prisma.Sql => Prisma.sql`(r.paused_at IS NULL AND NOT p.paused
  AND NOT EXISTS (SELECT FROM queue_control c WHERE c.paused AND c.queue IN (${ALL_QUEUES}, ${queueOf('s.stage')})))`;

/** Whether no task of the repository may be started: it, or everything, is paused. */
export async function isPaused(db: Pick<Database | Transaction, '$queryRaw'>, repositoryId: string): Promise<boolean> {
  const [row] = await db.$queryRaw<{ paused: boolean }[]>`
    SELECT p.paused OR EXISTS (SELECT FROM queue_control c WHERE c.paused AND c.queue = ${ALL_QUEUES}) AS paused
    FROM repository p WHERE p.id = ${repositoryId}::uuid`;
  return row?.paused ?? false;
}
