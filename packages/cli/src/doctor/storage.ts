import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { networkReason } from '@orchestrator/shared/errors/map-system-error.ts';
import { Redis } from 'ioredis';
import type { CommandContext } from '../command.ts';
import { toAppError } from '../report-error.ts';
import { skewText } from './ask.ts';
import { type Check, type Diagnosis, failed, ok, warn } from './check.ts';

/** The database and the queue: opened as `run` would open them. */
export const storage: Check = async (context) => [...(await database(context)), await queue(context)];

async function database({ env, system }: CommandContext): Promise<Diagnosis[]> {
  try {
    const { db } = await system();
    const started = Date.now();
    const [row] = await db.$queryRaw<
      { version: string; now: Date }[]
    >`SELECT current_setting('server_version') AS version, clock_timestamp() AS now`;
    const skew = skewText(row ? (started + Date.now()) / 2 - row.now.getTime() : null);
    const where = env.DATABASE_URL === undefined ? 'embedded' : new URL(env.DATABASE_URL).host;
    return [
      ok('database', `Postgres ${row?.version}, ${where}`),
      ...(skew === null
        ? []
        : [
            warn('clock', `${skew} of the database`, "Set both clocks, best by NTP. Only the database's time decides."),
          ]),
    ];
  } catch (error) {
    const found = toAppError(error);
    return [
      failed(
        'database',
        found.code === 'INTERNAL' ? new AppError('DATABASE_UNAVAILABLE', { reason: found.message }) : found,
      ),
    ];
  }
}

async function queue({ env }: CommandContext): Promise<Diagnosis> {
  if (env.REDIS_URL === undefined) return ok('queue', 'in Postgres');
  const redis = new Redis(env.REDIS_URL, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  try {
    await redis.connect();
    const policy = await redis.config('GET', 'maxmemory-policy').catch(() => null);
    const value = Array.isArray(policy) ? String(policy[1]) : null;
    if (value !== null && value !== 'noeviction')
      return warn('queue', `Redis may drop messages: maxmemory-policy is ${value}`, 'Set maxmemory-policy noeviction.');
    return ok('queue', `Redis at ${new URL(env.REDIS_URL).host}`);
  } catch (error) {
    const reason = networkReason(cause ?? error) ?? (cause instanceof Error ? cause.message : String(error));
    return failed('queue', new AppError('QUEUE_UNAVAILABLE', { reason }));
  } finally {
    redis.disconnect();
  }
}
