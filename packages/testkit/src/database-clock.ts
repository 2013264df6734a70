import type { Database } from '@orchestrator/shared/db/client.ts';

export interface DatabaseClock {
  set(at: Date | string): Promise<void>;
}

/**
 * Replaces the clock that the budget of a test database reads by one that the test sets: the same statements run, only
 * their time is chosen.
 */
export async function controlClock(database: Database, start: Date | string): Promise<DatabaseClock> {
  await database.$executeRawUnsafe('CREATE TABLE test_clock (at timestamptz NOT NULL)');
  await database.$executeRawUnsafe('INSERT INTO test_clock VALUES (now())');
  await database.$executeRawUnsafe(
    `CREATE OR REPLACE FUNCTION budget_clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM test_clock'`,
  );
  const set = async (at: Date | string): Promise<void> => {
    await database.$executeRaw`UPDATE test_clock SET at = ${new Date(at)}::timestamptz`;
  };
  await set(start);
  return { set };
}
