import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { prepareHome } from '@orchestrator/shared/boot/home.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Resources } from '@orchestrator/shared/boot/resources.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { openDatabase } from '@orchestrator/shared/db/client.ts';
import { migrate } from '@orchestrator/shared/db/migrate.ts';
import { openEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import type { Logger } from 'pino';

/** The opened database and what is built on it. Nothing runs yet: for commands that only look, and for startEmbedded. */
export interface System extends Omit<Resources, 'transport'> {
  close(): Promise<void>;
}

export interface OpenSystemOptions {
  readonly env: Environment;
  readonly log: Logger;
  /** Fills the database before it is migrated. */
  readonly prepare?: (databaseUrl: string) => Promise<void>;
}

/**
 * Opens the state below ORCHESTRATOR_HOME: the database of DATABASE_URL, or the embedded one, migrated. Throws
 * HOME_NOT_WRITABLE, DISK_FULL, DATABASE_UNAVAILABLE, DATABASE_VERSION, and what `prepare` throws.
 */
export async function openSystem({ env, log, prepare }: OpenSystemOptions): Promise<System> {
  prepareHome(env.ORCHESTRATOR_HOME);
  const embedded =
    env.DATABASE_URL === undefined ? await openEmbeddedPostgres(join(env.ORCHESTRATOR_HOME, 'postgres')) : undefined;
  try {
    const databaseUrl = env.DATABASE_URL ?? (await (embedded as NonNullable<typeof embedded>).url('orchestrator'));
    await prepare?.(databaseUrl);
    const applied = await migrate(databaseUrl);
    if (applied.length > 0) log.info({ migrations: applied }, 'database migrated');
    const db = openDatabase(databaseUrl, { maxConnections: 10 });
    return {
      env,
      log,
      db,
      databaseUrl,
      ledger: new Ledger(db),
      repositories: createRepositories(env, log),
      workerId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
      async close() {
        await db.$disconnect();
        await embedded?.close();
      },
    };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}
