import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, requireMigrated } from './migrate.ts';
import { schemaSql } from './schema-sql.ts';

const COLUMNS = `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`;

describe('migrations', () => {
  let migrated: Awaited<ReturnType<typeof testDatabase>>;
  beforeAll(async () => {
    migrated = await testDatabase();
  });
  afterAll(() => migrated.close());

  it('give the tables that the Prisma schema describes', async () => {
    const sql = await schemaSql(migrated.url);
    const client = new pg.Client({ connectionString: migrated.url });
    await client.connect();
    try {
      const byMigrations = (await client.query(COLUMNS)).rows;
      await client.query('BEGIN; DROP SCHEMA public CASCADE;');
      await client.query(sql);
      const bySchema = (await client.query(COLUMNS)).rows;
      await client.query('ROLLBACK');
      expect(byMigrations).toEqual(bySchema);
    } finally {
      await client.end();
    }
  });

  it('are applied once, however often and by however many they are asked for', async () => {
    expect(await Promise.all([migrate(migrated.url), migrate(migrated.url)])).toEqual([[], []]);
  });

  it('are looked up by a process that outlives the end of its session, at whatever moment that comes', async () => {
    const url = `${migrated.url}?application_name=looks-up`;
    let looking = true;
    const ended = (async () => {
      let count = 0;
      while (looking)
        count += await migrated.database.$executeRaw`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'looks-up'`;
      return count;
    })();

    const looks = await Promise.allSettled(Array.from({ length: 100 }, () => requireMigrated(url)));
    looking = false;

    expect(await ended).toBeGreaterThan(0);
    for (const look of looks)
      if (look.status === 'rejected') expect(look.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('are required at the exact version', async () => {
    await requireMigrated(migrated.url);
    await migrated.database.$executeRaw`DELETE FROM _prisma_migrations WHERE migration_name = '0003_delivery_rules'`;
    await expect(requireMigrated(migrated.url)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
  });

  it('refuse a database that another version has migrated, and change nothing', async () => {
    await migrated.database
      .$executeRaw`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('x', 'x', now(), '9999_future')`;
    await expect(migrate(migrated.url)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
  });
});
