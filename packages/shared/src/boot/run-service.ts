import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Ledger } from '../budget/ledger.ts';
import { readEnvironment } from '../config/environment.ts';
import { openDatabase } from '../db/client.ts';
import { requireMigrated } from '../db/migrate.ts';
import { AppError, describeError } from '../errors/app-error.ts';
import { openBullmqTransport } from '../queue/bullmq-transport.ts';
import { createHealthServer } from './health.ts';
import { openLogger } from './logger.ts';
import { createRepositories } from './repositories.ts';
import type { Component, Resources } from './resources.ts';
import { startAll, stopAll, untilSignal } from './shutdown.ts';

/**
 * The whole life of a service process: environment, logger, database (which must be migrated), queue, its components and
 * a health server; then until a signal, a stop in reverse order, and the exit code of the error table.
 */
export async function runService(
  name: string,
  components: (resources: Resources) => readonly Component[] | Promise<readonly Component[]>,
): Promise<never> {
  const env = readEnvironment(process.env, process.cwd());
  const { log, close } = openLogger({ env, service: name, file: false });
  try {
    if (env.DATABASE_URL === undefined)
      throw new AppError('ENV_INVALID', {
        name: 'DATABASE_URL',
        problem: 'is not set; a service has no embedded database',
      });
    await requireMigrated(env.DATABASE_URL);
    const db = openDatabase(env.DATABASE_URL);
    const transport = await openBullmqTransport({ redisUrl: env.REDIS_URL, databaseUrl: env.DATABASE_URL, log });
    const resources: Resources = {
      env,
      log,
      db,
      databaseUrl: env.DATABASE_URL,
      transport,
      ledger: new Ledger(db),
      repositories: createRepositories(env, log),
      workerId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
    };
    const ready = async () => {
      await db.$queryRaw`SELECT 1`;
    };
    const parts = [
      ...(await components(resources)),
      createHealthServer({ address: env.ORCHESTRATOR_HEALTH_ADDRESS, ready }),
    ];
    const signal = untilSignal(log);
    await startAll(parts, log);
    log.info({ workerId: resources.workerId }, `${name} started`);
    await signal;
    await stopAll(parts, log);
    await transport.close();
    await db.$disconnect();
    close();
    process.exit(0);
  } catch (error) {
    const { code, message, next } = describeError(error);
    log.fatal({ err: error, code, next }, message);
    process.exit(error instanceof AppError ? error.exitCode : 1);
  }
}
