import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '@orchestrator/shared/db/client.ts';
import { migrate } from '@orchestrator/shared/db/migrate.ts';
import { openEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import pg from 'pg';
import { startPostgresContainer } from './stores/postgres.ts';

/** One server for all test runs of this checkout; each test file gets a database of its own. */
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache');
const MIGRATIONS = join(import.meta.dirname, '../../shared/src/db/migrations');

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Disconnects and drops the database. */
  close(): Promise<void>;
}

/**
 * Starts the server, or joins it, and makes the migrated template. Call once a run: vitest's global set-up does.
 * `durable`: one that writes to the disk at each commit, as a user's does; tests need no data after a loss of power.
 */
export async function startTestServer({ durable = false } = {}): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const server = await openServer(join(CACHE, durable ? 'durable-postgres' : 'test-postgres'));
  const adminUrl = await server.url('admin');
  const template = templateName();
  await asAdmin(adminUrl, async (admin) => {
    // Several runs may start at once.
    await admin.query('SELECT pg_advisory_lock(1)');
    for (const setting of ['fsync', 'full_page_writes'])
      await admin.query(`ALTER SYSTEM SET ${setting} = ${durable ? 'on' : 'off'}`);
    await admin.query('SELECT pg_reload_conf()');
    const found = await admin.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [template]);
    if (found.rows[0]?.datistemplate) return;
    if (found.rows.length > 0) await admin.query(`DROP DATABASE ${template} WITH (FORCE)`);
    await migrate(await server.url(template));
    await admin.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
  });
  process.env.ORCHESTRATOR_TEST_POSTGRES = adminUrl;
  return { adminUrl, stop: () => server.close() };
}

/**
 * The embedded Postgres, which stays from one run to the next. With ORCHESTRATOR_TEST_STORES=containers the image of
 * docker-compose.yml, where a Docker engine answers.
 */
async function openServer(folder: string): Promise<{ url(database: string): Promise<string>; close(): Promise<void> }> {
  if (process.env.ORCHESTRATOR_TEST_STORES === 'containers') {
    const container = await startPostgresContainer();
    if (!('reason' in container)) return container;
    process.stderr.write(`Postgres is the embedded one: ${container.reason}\n`);
  }
  return openEmbeddedPostgres(folder);
}

/** A new database with all migrations applied. */
export async function testDatabase(options: { maxConnections?: number } = {}): Promise<TestDatabase> {
  const adminUrl = process.env.ORCHESTRATOR_TEST_POSTGRES;
  if (!adminUrl) throw new Error('no test server: run through vitest, whose global set-up starts it');
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await asAdmin(adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${templateName()}`));
  const url = adminUrl.replace(/\/admin$/, `/${name}`);
  const database = openDatabase(url, options);
  return {
    url,
    database,
    async close() {
      await database.$disconnect();
      await asAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

/** Of the migrations as they are. */
export function templateName(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(MIGRATIONS).sort()) {
    if (!name.includes('.')) hash.update(readFileSync(join(MIGRATIONS, name, 'migration.sql')));
  }
  return `template_${hash.digest('hex').slice(0, 16)}`;
}

async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
