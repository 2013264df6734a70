import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { ANSWER_TIMEOUT_MS } from '@orchestrator/shared/db/client.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import pg from 'pg';
import type { Logger } from 'pino';
import { MOST_AT_ONCE, publishDue } from './relay/publish-due.ts';

/**
 * Publishes outbox rows to the queue: woken by NOTIFY, and once a second in any case. No more messages of a queue are on
 * their way than its consumers can take soon, so that priorities count until the last moment and a wiped queue is
 * quickly rebuilt. Any number of relays may run.
 */
export interface RelayOptions {
  readonly databaseUrl: string;
  readonly transport: Transport;
  readonly log: Logger;
  /** Messages of a queue on their way at most. Default: twice what its consumers take at once, see publish-due.ts. */
  readonly window?: number | undefined;
}

const POLL_MS = 1_000;
/**
 * A mark that is lost with the server only repeats a message, so no flush to disk is waited for. A relay that hangs must
 * not keep its locks.
 */
const SESSION =
  '-c TimeZone=UTC -c synchronous_commit=off -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=15000';

export function createRelay({ databaseUrl, transport, log, window }: RelayOptions): Component {
  let connection: pg.Client | undefined;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: ANSWER_TIMEOUT_MS,
      options: SESSION,
    });
    client.on('notification', () => loop.wake());
    client.on('error', () => drop(client));
    await client.connect();
    await client.query('LISTEN outbox');
    connection = client;
    return client;
  }

  function drop(client: pg.Client): void {
    if (connection === client) connection = undefined;
    client.end().catch(() => {});
  }

  const loop = createLoop({
    name: 'relay',
    everyMs: POLL_MS,
    async round() {
      const client = connection ?? (await connect());
      try {
        return (await publishDue(client, transport, window)) >= MOST_AT_ONCE ? 0 : undefined;
      } catch (error) {
        // Whatever is wrong with the connection or its transaction, a new one begins clean.
        drop(client);
        throw error;
      }
    },
    failed: (error) => log.warn({ err: error }, 'relay failed; it goes on with the next round'),
    atEnd: async () => connection?.end().catch(() => {}),
  });
  return loop;
}
