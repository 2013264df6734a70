import type { Component } from '@orchestrator/shared/boot/resources.ts';
import pg from 'pg';
import type { Logger } from 'pino';

/**
 * One of several schedulers does what need be done only once. Whoever holds the lock of a database session leads; the
 * server gives the lock to another when the connection is lost, and ends the session of a leader that hangs. What a
 * leader does is safe under two of them all the same: a leader that hangs does not know that it was replaced.
 */
export interface Leader extends Component {
  /** Whether this process leads now, by a question to the server; tries to become the leader where nobody is. */
  leads(): Promise<boolean>;
}

export interface LeaderOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  /** A session that asks nothing for this long is ended by the server. Default 15 s. */
  readonly idleMs?: number;
}

const LEADER_LOCK = '7203114078';

export function createLeader({ databaseUrl, log, idleMs = 15_000 }: LeaderOptions): Leader {
  let session: pg.Client | undefined;
  let leading = false;
  let asking: Promise<boolean> | undefined;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      query_timeout: 10_000,
      // The server looks for a peer that is gone without a word, and does not wait for one that does not ask.
      options: `-c idle_session_timeout=${idleMs} -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3`,
    });
    client.on('error', () => drop(client));
    await client.connect();
    session = client;
    return client;
  }

  function drop(client: pg.Client): void {
    if (session === client) session = undefined;
    client.end().catch(() => {});
  }

  async function ask(): Promise<boolean> {
    const client = session ?? (await connect());
    try {
      // A lock that this session has is taken once more, so it is asked for first.
      const { rows } = await client.query<{ leads: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
           AND (classid::bigint << 32 | objid::bigint) = ${LEADER_LOCK}) OR pg_try_advisory_lock(${LEADER_LOCK}) AS leads`,
      );
      return rows[0]?.leads ?? false;
    } catch (error) {
      drop(client);
      throw error;
    }
  }

  function note(now: boolean): boolean {
    if (now !== leading) log.info(now ? 'this scheduler leads' : 'another scheduler leads');
    leading = now;
    return now;
  }

  return {
    name: 'leader',
    async start() {},
    leads() {
      asking ??= ask()
        .catch((error: unknown) => {
          log.warn({ err: error }, 'the database did not say who leads');
          return false;
        })
        .then(note)
        .finally(() => {
          asking = undefined;
        });
      return asking;
    },
    async stop() {
      await asking;
      await session?.end().catch(() => {});
      session = undefined;
    },
  };
}

/** A round that only the leader does. */
export const whenLeading =
  <T>(leader: Leader, round: (stopping: AbortSignal) => Promise<T>) =>
  async (stopping: AbortSignal): Promise<T | undefined> =>
    (await leader.leads()) ? round(stopping) : undefined;
