import type { EventType } from '../contracts/events.ts';
import type { Database } from './client.ts';

export interface Announcement {
  readonly type: EventType;
  readonly data: object;
  /** Absent: it belongs to none. */
  readonly repositoryId?: string;
}

/** Writes an event unless one was written under this key before. Of several processes that come at once, one does. Returns whether. */
export async function announceOnce(db: Database, key: string, { type, data, repositoryId }: Announcement) {
  const written = await db.$executeRaw`
    WITH noted AS (INSERT INTO setting (key, value) VALUES (${key}, to_jsonb(now())) ON CONFLICT (key) DO NOTHING RETURNING key)
    INSERT INTO event (repository_id, type, data)
    SELECT ${repositoryId ?? null}::uuid, ${type}, ${JSON.stringify(data)}::jsonb FROM noted`;
  return written > 0;
}
