import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import { republish } from '@orchestrator/shared/pipeline/announce.ts';
import { QUEUE_OF, type Stage } from '@orchestrator/shared/pipeline/machine.ts';
import { notPaused } from '@orchestrator/shared/pipeline/paused.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';

/** Longer than a message waits with consumers that are awake. */
const GRACE_MS = 30_000;

interface Waiting {
  readonly id: string;
  readonly stage: Stage;
  readonly generation: number;
}

/**
 * Announces again what was published a while ago, is still pending, and is no longer with the queue. What is paused is
 * left alone: its messages were dropped on purpose. Returns how many.
 */
export async function republishLost(db: Database, transport: Transport, graceMs: number = GRACE_MS): Promise<number> {
  const rows = await db.$queryRaw<Waiting[]>`
    SELECT s.id, s.stage, s.generation FROM stage_run s JOIN run r ON r.id = s.run_id
    JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
    WHERE s.state = 'pending' AND s.available_at <= now() AND s.published_at < now() - ${graceMs} * interval '1 millisecond'
      AND ${notPaused()}`;
  if (rows.length === 0) return 0;
  const lost: Waiting[] = [];
  for (const [queue, waiting] of Map.groupBy(rows, (row) => QUEUE_OF[row.stage])) {
    const messages = waiting.map(({ id, generation }) => ({ stageRunId: id, generation }));
    const missing = new Set((await transport.missing(queue, messages)).map((message) => message.stageRunId));
    lost.push(...waiting.filter((row) => missing.has(row.id)));
  }
  if (lost.length === 0) return 0;
  const ids = lost.map((row) => row.id);
  const generations = lost.map((row) => row.generation);
  const stillSo = Prisma.sql`(s.id, s.generation) IN (SELECT * FROM unnest(${ids}::uuid[], ${generations}::int[]))`;
  return db.$transaction((tx) => republish(tx, stillSo));
}
