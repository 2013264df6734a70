import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { AppError } from '../errors/app-error.ts';
import { withClient } from './with-client.ts';

/**
 * Applies the SQL files of migrations/ and keeps Prisma's own `_prisma_migrations` table, so that the Prisma CLI stays
 * usable. Prisma's engine is not used for it: through an adapter it splits scripts at every semicolon, which breaks
 * function bodies, and it takes longer to load than all migrations take to run.
 */
const MIGRATIONS = join(import.meta.dirname, 'migrations');
/** Any number that nothing else in this database locks. */
const MIGRATION_LOCK = 7_203_114_077n;

// As Prisma's schema engine creates it.
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
  logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Brings the database up to date, all or nothing; several processes may call it at once. Returns the names that were
 * applied. `only`: these alone, for rows that were written at an earlier version.
 * Throws DATABASE_UNAVAILABLE, and DATABASE_VERSION when the database was migrated by another version.
 */
export async function migrate(url: string, { only }: { readonly only?: readonly string[] } = {}): Promise<string[]> {
  return connected(url, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(TABLE);
    const pending = (await pendingMigrations(client)).filter(({ name }) => only?.includes(name) ?? true);
    for (const { name, sql, checksum } of pending) {
      await client.query(sql);
      await client.query(
        'INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)',
        [randomUUID(), checksum, name],
      );
    }
    await client.query('COMMIT');
    return pending.map((migration) => migration.name);
  });
}

/** Throws DATABASE_VERSION unless every migration that this program ships, and no other, is applied. */
export async function requireMigrated(url: string): Promise<void> {
  await connected(
    url,
    async (client) => {
      const [pending] = await pendingMigrations(client);
      if (pending)
        throw new AppError('DATABASE_VERSION', { found: `a version before ${pending.name}`, wanted: pending.name });
    },
    LOOK_TIMEOUT_MS,
  );
}

/** A look at the version takes milliseconds; a server that is cut off does not say that it will never answer. */
const LOOK_TIMEOUT_MS = 10_000;

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>, queryTimeoutMs?: number): Promise<T> {
  const limit = queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs };
  try {
    return await withClient({ connectionString: url, ...limit }, work);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new AppError('DATABASE_UNAVAILABLE', { reason }, { cause: error });
  }
}

async function pendingMigrations(client: pg.Client): Promise<Migration[]> {
  const shipped = await shippedMigrations();
  const table = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
  if (!table.rows[0].there) return shipped;
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name',
  );
  for (const { migration_name, checksum } of rows) {
    const known = shipped.find((migration) => migration.name === migration_name);
    if (known?.checksum === checksum) continue;
    throw new AppError('DATABASE_VERSION', {
      found: known ? `another text of ${migration_name}` : migration_name,
      wanted: shipped.at(-1)?.name ?? 'nothing',
    });
  }
  return shipped.filter((migration) => !rows.some((row) => row.migration_name === migration.name));
}

/** What this program ships, in order. */
export async function shippedMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
