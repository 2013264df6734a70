import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { Session } from './session.ts';

export type Database = PrismaClient;
/** Inside a transaction. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

export interface OpenDatabaseOptions {
  /** Default 5. */
  readonly maxConnections?: number;
  /** Default: public. */
  readonly schema?: string;
  /** How long an answer may take before the connection is given up. Default 35 s, above what the server allows a statement. */
  readonly answerTimeoutMs?: number;
}

/** The server ends a statement that takes longer. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Beyond that the connection is given up: nothing may wait for ever for a server that is cut off. */
export const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/**
 * Whatever the server's defaults are. The adapter sends and reads instants without their zone, so in any other zone than
 * UTC every time would be wrong. A commit that was acknowledged survives a crash of the server.
 */
const SESSION = '-c TimeZone=UTC -c DateStyle=ISO -c synchronous_commit=on';

const POOLS = new WeakMap<Database, pg.Pool>();

/** The connections behind an opened database, for statements that go past its own layers: prepared.ts. */
export function poolOf(db: Database): pg.Pool {
  const pool = POOLS.get(db);
  if (!pool) throw new Error('not opened by openDatabase()');
  return pool;
}

/** Opens a pool; nothing connects before the first query. Close with `$disconnect()`. */
export function openDatabase(
  url: string,
  { maxConnections = 5, schema, answerTimeoutMs = ANSWER_TIMEOUT_MS }: OpenDatabaseOptions = {},
): Database {
  // Every statement ends by itself: a dead server or a lock never holds a worker for ever.
  const pool = new pg.Pool({
    Client: Session,
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that the network has taken away says nothing, not even that time is up.
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 30_000,
    options: SESSION,
  });
  // The pool and the adapter listen in turns, with gaps between: an end of the session that is told of in one of them would
  // end the process.
  pool.on('connect', (client) => void client.on('error', () => {}));
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    ...(schema === undefined ? {} : { schema }),
  });
  const db = new PrismaClient({ adapter });
  POOLS.set(db, pool);
  return db;
}
