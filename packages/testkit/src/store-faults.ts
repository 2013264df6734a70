import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pick, randomSequence } from './budget-proof/random.ts';

/**
 * Breaks the stores of a stack again and again, drawn from a seed, until it is stopped: empties Redis, or ends every
 * connection to Postgres. What it did, it prints as a JSON line each.
 *
 *   node store-faults.ts [--seed N] [--every-seconds N]
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'every-seconds': { type: 'string', default: '20' },
  },
});
const everyMs = Number(values['every-seconds']) * 1_000;
if (!(everyMs >= 1_000)) throw new Error('--every-seconds takes a number of 1 or more');
const { DATABASE_URL, REDIS_URL } = readEnvironment(process.env, process.cwd());
if (DATABASE_URL === undefined || REDIS_URL === undefined) throw new Error('DATABASE_URL and REDIS_URL have to be set');

const FAULTS = {
  async 'empty redis'() {
    const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1, retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => {});
    try {
      await redis.connect();
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
  },
  async 'end connections to postgres'() {
    const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 10_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    } finally {
      await client.end().catch(() => {});
    }
  },
} as const;

const print = (line: object) => process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

print({ seed: Number(values.seed), everyMs });
const random = randomSequence(Number(values.seed));
while (!stop.signal.aborted) {
  // Between half and one and a half of the spacing, so that nothing falls into step with it.
  await sleep(everyMs * (0.5 + random()), undefined, { signal: stop.signal }).catch(() => {});
  if (stop.signal.aborted) break;
  const fault = pick(random, Object.keys(FAULTS) as (keyof typeof FAULTS)[]);
  const failed = await FAULTS[fault]().then(
    () => null,
    (error: Error) => error.message,
  );
  print({ fault, ...(failed === null ? {} : { failed }) });
}
