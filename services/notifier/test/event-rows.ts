import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

/** Writes an event as a service would; gives its id. */
export async function addEvent(
  db: Database,
  type: EventType,
  data: object = {},
  runId: string | null = null,
): Promise<bigint> {
  return (await db.event.create({ data: { type, data, runId } })).id;
}
