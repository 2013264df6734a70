import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { QueueName } from '@orchestrator/shared/pipeline/machine.ts';
import { QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import pg from 'pg';
import type { Logger } from 'pino';

/**
 * Publishes outbox rows to the queue: woken by NOTIFY, and once a second in any case. At most `window` messages of a
 * queue are on their way at once, so that priorities count and a wiped queue is quickly rebuilt. Within a queue the
 * repositories take turns, each with its highest priority first.
 *
 * A crash between publishing and marking repeats a message, which the claim makes harmless.
 */
export interface RelayOptions {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly transport: Transport;
  readonly log: Logger;
  /** Default 32. */
  readonly window?: number;
}

const POLL_MS = 1_000;

export function createRelay({ db, databaseUrl, transport, log, window = 32 }: RelayOptions): Component {
  let listener: pg.Client | undefined;

  async function listen(): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    client.on('notification', () => loop.wake());
    // Without the listener the poll still works; it is tried again with the next round.
    client.on('error', () => {
      if (listener === client) listener = undefined;
    });
    await client.connect();
    await client.query('LISTEN outbox');
    listener = client;
  }

  const loop = createLoop({
    name: 'relay',
    everyMs: POLL_MS,
    async round() {
      if (!listener) await listen();
      for (const queue of QUEUES) await publishSome(db, transport, queue, window);
      return undefined;
    },
    failed: (error) => log.warn({ err: error }, 'relay failed; it goes on with the next round'),
    atEnd: async () => listener?.end().catch(() => {}),
  });
  return loop;
}

/** Publishes what fits into the window of one queue. Returns how many. */
export async function publishSome(
  db: Database,
  transport: Transport,
  queue: QueueName,
  window: number,
): Promise<number> {
  return db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: bigint; stage_run_id: string; generation: number }[]>`
      WITH on_their_way AS (
        SELECT count(*) AS n FROM stage_run s WHERE s.published_at IS NOT NULL AND s.state IN ('pending', 'running')
          AND EXISTS (SELECT 1 FROM outbox o WHERE o.stage_run_id = s.id AND o.generation = s.generation AND o.queue = ${queue})
      ), ranked AS (
        SELECT o.id, o.priority, row_number() OVER (PARTITION BY t.repository_id ORDER BY o.priority DESC, o.id) AS turn
        FROM outbox o JOIN stage_run s ON s.id = o.stage_run_id JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id
        WHERE o.sent_at IS NULL AND o.queue = ${queue} AND o.not_before <= now()
      )
      SELECT o.id, o.stage_run_id, o.generation FROM outbox o
      WHERE o.id IN (SELECT id FROM ranked ORDER BY turn, priority DESC, id LIMIT greatest(0, ${window} - (SELECT n FROM on_their_way)))
        AND o.sent_at IS NULL
      ORDER BY o.priority DESC, o.id
      FOR UPDATE OF o SKIP LOCKED`;
    if (rows.length === 0) return 0;
    await transport.publish(
      queue,
      rows.map((row) => ({ stageRunId: row.stage_run_id, generation: row.generation })),
    );
    const ids = rows.map((row) => row.id);
    await tx.$executeRaw`UPDATE outbox SET sent_at = now(), tries = tries + 1 WHERE id = ANY(${ids})`;
    await tx.$executeRaw`
      UPDATE stage_run s SET published_at = now() FROM outbox o
      WHERE o.id = ANY(${ids}) AND s.id = o.stage_run_id AND s.generation = o.generation`;
    return rows.length;
  });
}
