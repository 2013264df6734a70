import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import type { EventPlace } from './notify-rules.ts';

/** A delivery that could be sent now. */
export interface DueDelivery extends EventPlace {
  readonly id: bigint;
  readonly type: EventType;
  readonly runId: string | null;
}

/** More than any channel takes in one message. */
const MOST = 100;

/** Nobody has it in hands. */
export const FREE = Prisma.sql`d.state = 'pending' AND (d.lease_until IS NULL OR d.lease_until < now())`;

/** News of a run reach a channel one after the other: while one is on its way, the next waits. `d` and its event `e`. */
export const RUN_NOT_IN_FLIGHT = Prisma.sql`NOT EXISTS (
  SELECT FROM delivery other JOIN event o ON o.id = other.event_id
  WHERE other.channel = d.channel AND other.state = 'pending' AND other.lease_until > now() AND o.run_id = e.run_id)`;

/**
 * The oldest deliveries that are due, in order. Where one is, those that were only waiting for company go with it; with
 * `flush` they go in any case.
 */
export function dueDeliveries(db: Database, channel: string, flush: boolean): Promise<DueDelivery[]> {
  return db.$queryRaw<DueDelivery[]>`
    SELECT d.id, e.type, e.run_id AS "runId", p.url AS "repositoryUrl", coalesce(r.base_commit, e.data->>'commit') AS commit
    FROM delivery d JOIN event e ON e.id = d.event_id
      LEFT JOIN run r ON r.id = e.run_id LEFT JOIN task t ON t.id = r.task_id
      LEFT JOIN repository p ON p.id = coalesce(e.repository_id, t.repository_id)
    WHERE d.channel = ${channel} AND ${FREE} AND ${RUN_NOT_IN_FLIGHT}
      AND (d.available_at <= now() OR (d.tries = 0 AND d.last_error IS NULL AND (${flush} OR EXISTS (
        SELECT FROM delivery due WHERE due.channel = ${channel} AND due.state = 'pending' AND due.available_at <= now()
          AND (due.lease_until IS NULL OR due.lease_until < now())))))
    ORDER BY d.id LIMIT ${MOST}::int`;
}
