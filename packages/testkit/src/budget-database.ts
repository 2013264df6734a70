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
  const { url, database } = await lease(holder, adminUrl);
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
async function lease(holder: pg.Client, adminUrl: string): Promise<{ url: string; database: Database }> {
  for (let place = 0; ; place++) {
    const name = `budget_${place}_${templateName()}`;
    const url = adminUrl.replace(/\/admin$/, `/${name}`);
    const got = await holder.query<{ got: boolean }>('SELECT pg_try_advisory_lock(2, $1) AS got', [place]);
    if (!got.rows[0]?.got) continue;
    const found = await holder.query<{ comment: string | null }>(
      "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1",
      [name],
    );
    const kept = found.rows[0]?.comment ? openDatabase(url) : undefined;
    if (kept && (await schemaOf(kept)) === found.rows[0]?.comment) return { url, database: kept };
    // Not there, or left half made, or with another schema, by a process that was killed.
    await kept?.$disconnect();
    await holder.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await holder.query(`CREATE DATABASE ${name} TEMPLATE ${templateName()}`);
    const database = openDatabase(url);
    await controlClock(database, '2000-01-01T00:00:00Z');
    await database.$executeRawUnsafe(EMPTY);
    await holder.query(`COMMENT ON DATABASE ${name} IS '${await schemaOf(database)}'`);
    return { url, database };
  }
}

/** A hash of the rules that tests may change. */
async function schemaOf(database: Database): Promise<string> {
  const rows = await database.$queryRaw<{ hash: string }[]>`
    SELECT md5(string_agg(line, chr(10) ORDER BY line)) AS hash FROM (
      SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text AS line FROM pg_trigger
      UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT proname || ' ' || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) rules`;
  return rows[0]?.hash ?? '';
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
