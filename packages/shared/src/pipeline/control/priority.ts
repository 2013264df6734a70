import type { Database } from '../../db/client.ts';
import { HEAD_START } from '../announce.ts';
import { SETTLED_STATES } from '../machine.ts';
import { type By, record } from './intervention.ts';

/** The larger, the sooner; each step is a head start of half an hour. Those of the task file are 0, 1 and 2. */
export const PRIORITY_RANGE = { least: -100, most: 100 } as const;

/** Changes the priority of a run, also of what waits to be published. False: it has ended, or there is none. */
export async function setPriority(db: Database, runId: string, priority: number, by: By): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$executeRaw`
      UPDATE run SET priority = ${priority} WHERE id = ${runId}::uuid AND state <> ALL (${[...SETTLED_STATES]}::text[])`;
    if (changed === 0) return false;
    const waiting = await tx.$executeRaw`
      UPDATE outbox o SET rank_at = r.created_at - r.priority * ${HEAD_START}
      FROM stage_run s JOIN run r ON r.id = s.run_id WHERE s.id = o.stage_run_id AND r.id = ${runId}::uuid`;
    await record(tx, 'priority', by, { runId, priority }, waiting);
    return true;
  });
}
