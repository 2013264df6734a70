import { type Database, openDatabase } from '@orchestrator/shared/db/client.ts';
import pg from 'pg';
import { controlClock, type DatabaseClock } from './database-clock.ts';
import { templateName } from './postgres.ts';

export interface BudgetDatabase {
  readonly url: string;
  readonly database: Database;
  readonly clock: DatabaseClock;
  /** Leaves it as no budget had ever begun, with its clock at an instant. */
  empty(at: Date | string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A migrated database with a clock of its own for all tests of a file, emptied before each: a tenth of the time that a
 * new one for each takes. It is kept for the next run, and nobody else has it meanwhile. A test that changes the schema
 * has to put it back.
 */
export async function budgetDatabase(): Promise<BudgetDatabase> {
  const adminUrl = process.env.ORCHESTRATOR_TEST_POSTGRES;
  if (!adminUrl) throw new Error('no test server: run through vitest, whose global set-up starts it');
  const holder = new pg.Client({ connectionString: adminUrl });
  await holder.connect();
  const urlOf = (name: string) => adminUrl.replace(/\/admin$/, `/${name}`);
  const url = urlOf(await lease(holder, urlOf));
  const database = openDatabase(url);
  const set = async (at: Date | string): Promise<void> => {
    await database.$executeRaw`UPDATE test_clock SET at = ${new Date(at)}::timestamptz`;
  };
  return {
    url,
    database,
    clock: { set },
    async empty(at) {
      await database.$executeRaw`SELECT test_empty(${new Date(at)}::timestamptz)`;
    },
    async close() {
      await database.$disconnect();
      await holder.end();
    },
  };
}

/** The first of this schema's databases that no session holds, made if need be. Held until the session ends. */
async function lease(holder: pg.Client, urlOf: (name: string) => string): Promise<string> {
  for (let place = 0; ; place++) {
    const name = `budget_${place}_${templateName()}`;
    const got = await holder.query<{ got: boolean }>('SELECT pg_try_advisory_lock(2, $1) AS got', [place]);
    if (!got.rows[0]?.got) continue;
    const found = await holder.query<{ comment: string | null }>(
      "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1",
      [name],
    );
    if (found.rows[0]?.comment === 'ready') return name;
    // Not there, or left half made by a process that was killed.
    await holder.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await holder.query(`CREATE DATABASE ${name} TEMPLATE ${templateName()}`);
    const database = openDatabase(urlOf(name));
    await controlClock(database, '2000-01-01T00:00:00Z');
    await database.$executeRawUnsafe(EMPTY);
    await database.$disconnect();
    await holder.query(`COMMENT ON DATABASE ${name} IS 'ready'`);
    return name;
  }
}

/** Replica: without the triggers that keep history as it was. */
const EMPTY = `CREATE FUNCTION test_empty(at timestamptz) RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
  DECLARE name text;
  BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^_|^test_|migration' LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    UPDATE test_clock SET at = test_empty.at;
  END $$`;
