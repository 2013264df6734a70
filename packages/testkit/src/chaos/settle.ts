import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { deadStages, replay } from '@orchestrator/shared/pipeline/control/replay.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import { TOLD_EVENTS } from './invariants/notices.ts';

/** What is still on its way. */
export interface Open {
  readonly tasks: number;
  readonly runs: number;
  readonly messages: number;
  readonly reservations: number;
  readonly notices: number;
}

/** Longer than any wait of a stage that met three errors, and than a notice is held by a process that died. */
const QUIET_LIMIT_MS = 180_000;
const LIMIT_MS = 900_000;

/**
 * Waits until nothing is on its way any more; gives up when nothing moves any more, or it takes too long. Does what an operator does meanwhile: what was
 * given up, because too much happened to it, is replayed. Resolves with how many stages that were.
 */
export async function untilSettled(
  database: Database,
  asked: number,
  log: (line: string) => void,
  interrupted: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  let movedMs = startedMs;
  let before = '';
  let replayed = 0;
  for (let look = 0; performance.now() < Math.min(startedMs + LIMIT_MS, movedMs + QUIET_LIMIT_MS); look++) {
    interrupted.throwIfAborted();
    replayed += await replayDead(database, log);
    const open = await openWork(database, asked);
    if (Object.values(open).every((count) => count === 0)) return replayed;
    const line = Object.entries(open).map(([what, count]) => `${count} ${what}`);
    if (look % 10 === 0) log(`still open: ${line.join(', ')}`);
    if (line.join() !== before) movedMs = performance.now();
    before = line.join();
    await delay(1_000);
  }
  return replayed;
}

async function replayDead(database: Database, log: (line: string) => void): Promise<number> {
  const dead = await deadStages(database);
  if (dead.length === 0) return 0;
  for (const { taskKey, stage, code, message } of dead) log(`replayed: ${stage} of ${taskKey}, ${code}: ${message}`);
  const { replayed } = await replay(database, {}, { actor: 'chaos', reason: 'the faults are over' });
  return replayed.length;
}

async function openWork(database: Database, asked: number): Promise<Open> {
  const [counts] = await database.$queryRaw<{ [name in keyof Open]: bigint }[]>`
    SELECT ${asked}::bigint - (SELECT count(DISTINCT task_id) FROM run) AS tasks,
      (SELECT count(*) FROM run WHERE state <> ALL (${[...SETTLED_STATES]})) AS runs,
      (SELECT count(*) FROM outbox) AS messages,
      (SELECT count(*) FROM (SELECT attempt_id, part FROM budget_entry GROUP BY attempt_id, part HAVING count(*) = 1) held) AS reservations,
      (SELECT count(*) FROM event e WHERE e.type = ANY (${[...TOLD_EVENTS]}) AND NOT EXISTS (
        SELECT FROM delivery d WHERE d.event_id = e.id AND d.state <> 'pending')) AS notices`;
  return Object.fromEntries(
    Object.entries(counts ?? {}).map(([name, count]) => [name, Number(count)]),
  ) as unknown as Open;
}
