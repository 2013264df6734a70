import { randomUUID } from 'node:crypto';
import type { Database } from './client.ts';

/**
 * Work that must not be done twice at once, over all processes. null: somebody else is at it. A row with an end, and no
 * lock of the database, so that no transaction is held open while the network is slow; a process that died in it holds up
 * the others no longer than `holdMs`.
 */
export async function holding<T>(
  db: Database,
  key: string,
  holdMs: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const holder = randomUUID();
  const taken = await db.$executeRaw`
    INSERT INTO setting (key, value)
    VALUES (${key}, jsonb_build_object('holder', ${holder}::text, 'until', now() + ${holdMs} * interval '1 millisecond'))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE (setting.value->>'until')::timestamptz < now()`;
  if (taken === 0) return null;
  try {
    return { result: await work() };
  } finally {
    await db.$executeRaw`DELETE FROM setting WHERE key = ${key} AND value->>'holder' = ${holder}`.catch(() => {});
  }
}
