import type { Database } from '@orchestrator/shared/db/client.ts';

/** Removes announcements of work that has been taken or ended without them. Returns how many. */
export const sweepOutbox = (db: Database): Promise<number> =>
  db.$executeRaw`
    DELETE FROM outbox o USING stage_run s
    WHERE s.id = o.stage_run_id AND (s.state <> 'pending' OR s.generation <> o.generation)`;
