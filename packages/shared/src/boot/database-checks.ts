import type { Database } from '../db/client.ts';
import { requireMigrated } from '../db/migrate.ts';
import { AppError } from '../errors/app-error.ts';
import { networkReason } from '../errors/map-system-error.ts';
import { type Check, remembered } from './readiness.ts';

/** The version seldom changes, and looking it up takes a connection of its own. */
const VERSION_MAX_AGE_MS = 30_000;

/** That Postgres answers, and that it is at the version of this program. */
export function databaseChecks(db: Database, databaseUrl: string): Readonly<Record<string, Check>> {
  return {
    database: async () => {
      await db.$queryRaw`SELECT 1`.catch((cause: unknown) => {
        throw new AppError('DATABASE_UNAVAILABLE', { reason: networkReason(cause) ?? 'it does not answer' }, { cause });
      });
    },
    migrations: remembered(() => requireMigrated(databaseUrl), VERSION_MAX_AGE_MS),
  };
}
