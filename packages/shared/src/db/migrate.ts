import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MigrationDirectory } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { AppError } from '../errors/app-error.ts';
import { withSchemaEngine } from './schema-engine.ts';

const MIGRATIONS = join(import.meta.dirname, 'migrations');
/** Any number that nothing else in this database locks. */
const MIGRATION_LOCK = 7_203_114_077n;

/** Brings the database up to date; several processes may call it at once. Returns the names that were applied. */
export async function migrate(url: string): Promise<string[]> {
  const migrationDirectories = await readMigrations();
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    // The engine takes no lock when it runs through an adapter.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if ((await appliedMigrations(client)).length === migrationDirectories.length) return [];
    return await withSchemaEngine(url, undefined, async (engine) => {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: {
          baseDir: MIGRATIONS,
          lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
          shadowDbInitScript: '',
          migrationDirectories,
        },
        filters: { externalTables: [], externalEnums: [] },
      });
      return appliedMigrationNames;
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'DATABASE_UNAVAILABLE',
      { reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Throws DATABASE_VERSION unless every migration that this program ships, and no other, is applied. */
export async function requireMigrated(url: string): Promise<void> {
  const wanted = (await readMigrations()).map((directory) => directory.path);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const found = await appliedMigrations(client);
    if (found.join() !== wanted.join()) {
      throw new AppError('DATABASE_VERSION', { found: found.at(-1) ?? 'no version', wanted: wanted.at(-1) ?? 'none' });
    }
  } finally {
    await client.end().catch(() => {});
  }
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const table = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
  if (!table.rows[0].there) return [];
  const rows = await client.query(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
  );
  return rows.rows.map((row) => row.migration_name as string);
}

async function readMigrations(): Promise<MigrationDirectory[]> {
  const names = (await readdir(MIGRATIONS, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
}
