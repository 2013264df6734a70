import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { Ledger } from '../budget/ledger.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { openDatabase } from '../db/client.ts';
import { requireMigrated } from '../db/migrate.ts';
import { AppError, describeError } from '../errors/app-error.ts';
import { databaseOutage } from '../errors/store-outage.ts';
import { openBullmqTransport } from '../queue/bullmq-transport.ts';
import { openTracing } from '../telemetry/open-tracing.ts';
import { createCanary } from './canary.ts';
import { databaseChecks } from './database-checks.ts';
import { createHealthServer } from './health.ts';
import { openLogger } from './logger.ts';
import { createRepositories } from './repositories.ts';
import type { Component, Resources } from './resources.ts';
import { startAll, stopAll, untilSignal } from './shutdown.ts';
import { untilThere } from './until-there.ts';
import { createVitals } from './vitals.ts';

/** After the drain: aborted processors notice, claims are released, connections are closed. */
const STOP_MARGIN_MS = 20_000;

/**
 * The whole life of a service process: environment, logger, health server, database (which must be migrated), queue and
 * its components; then until a signal, a stop in reverse order, and the exit code of the error table.
 */
export async function runService(
  name: string,
  components: (resources: Resources) => readonly Component[] | Promise<readonly Component[]>,
): Promise<never> {
  const env = readEnvironment(process.env, process.cwd());
  const { log, close } = openLogger({ env, service: name, file: false });
  try {
    const databaseUrl = requireDatabaseUrl(env);
    const tracing = await openTracing(env, name, log);
    const signal = untilSignal(log);
    let opened = false;
    // Nothing is held yet that would have to be given back.
    void signal.then(() => opened || process.exit(0));
    await untilThere(() => requireMigrated(databaseUrl), log);
    const db = openDatabase(databaseUrl);
    const transport = await untilThere(() => openBullmqTransport({ redisUrl: env.REDIS_URL, databaseUrl, log }), log);
    opened = true;
    const resources: Resources = {
      env,
      log,
      db,
      databaseUrl,
      transport,
      ledger: new Ledger(db),
      repositories: createRepositories(env, log),
      workerId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
    };
    let started: readonly Component[] = [];
    let draining = false;
    const vitals = createVitals({
      service: name,
      log,
      components: () => started,
      draining: () => draining,
      checks: databaseChecks(db, databaseUrl),
    });
    const health = createHealthServer({ address: env.ORCHESTRATOR_HEALTH_ADDRESS, vitals, log });
    await health.start();
    const parts = [...(await components(resources)), createCanary(resources)];
    await startAll(parts, log);
    started = parts;
    log.info({ workerId: resources.workerId, healthPort: health.port() }, `${name} started`);

    await signal;
    draining = true;
    endAfter(env.ORCHESTRATOR_DRAIN_MS + STOP_MARGIN_MS, log);
    await stopAll(parts, log);
    await transport.close();
    await tracing.close();
    await db.$disconnect();
    // Until now it told that the service is stopping.
    await health.stop();
    log.info('stopped');
    close();
    process.exit(0);
  } catch (error) {
    // A store that goes away between two steps of the start is told as one that was away before.
    const known = databaseOutage(error) ?? error;
    const { code, message, next } = describeError(known);
    log.fatal({ err: known, code, next }, message);
    process.exit(known instanceof AppError ? known.exitCode : 1);
  }
}

function requireDatabaseUrl(env: Environment): string {
  if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
  throw new AppError('ENV_INVALID', {
    name: 'DATABASE_URL',
    problem: 'is not set; a service has no embedded database',
  });
}

/** A part that never stops must not keep the process until it is killed in the middle of something. */
function endAfter(ms: number, log: Logger): void {
  setTimeout(() => {
    log.error({ afterMs: ms }, 'not stopped in time: what is left is taken up when its lease ends');
    process.exit(1);
  }, ms).unref();
}
