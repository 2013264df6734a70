/**
 * What delivery costs: npm run bench:pipeline -- --json [--repeats N] [--chains N]
 * A chain of four stages that do nothing, through BullMQ alone and through the pipeline, on Redis and on Postgres, at
 * concurrency 1 and 16. The arms take turns, forwards and backwards; ratios are of neighbours. Real stages take minutes:
 * the ratio is a gauge for engineers, and no user waits for it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { startTestServer, testDatabase } from '../packages/testkit/src/postgres.ts';
import { startRedis } from '../packages/testkit/src/stores/redis.ts';
import { difference, openCounters, type Used } from './support/counters.ts';
import { closeAtSignal, watch } from './support/leave-nothing.ts';
import { type Arm, type ArmOptions, bareChain, pipeline, STAGES_PER_CHAIN } from './support/pipeline-arms.ts';
import { estimate, median, round } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '9' },
    chains: { type: 'string', default: '100' },
  },
});
const repeats = Number(values.repeats);
const chains = Number(values.chains);
/** The bare chain is so quick that it is given more to do, for a time that can be measured. */
const BARE_FACTOR = 4;
/** Servers write their statistics down once a second. */
const STATISTICS_MS = 1_500;

const ARMS = {
  bareRedis: { open: bareChain, redis: true, factor: BARE_FACTOR },
  oursRedis: { open: pipeline, redis: true, factor: 1 },
  barePostgres: { open: bareChain, redis: false, factor: BARE_FACTOR },
  oursEmbedded: { open: pipeline, redis: false, factor: 1 },
} as const satisfies Record<string, { open: (options: ArmOptions) => Promise<Arm>; redis: boolean; factor: number }>;
type Name = keyof typeof ARMS;
const NAMES = Object.keys(ARMS) as Name[];

interface Measured extends Used {
  readonly msPerStage: number;
}

const server = await startTestServer({ durable: true });
closeAtSignal(() => server.stop());
const redis = await startRedis({ here: true, watch });
if (redis === null) throw new Error('the benchmark needs redis-server');
const admin = new Redis(redis.url);

async function measure(name: Name, concurrency: number, count: number): Promise<Measured> {
  const { open, redis: onRedis } = ARMS[name];
  const test = await testDatabase();
  await admin.flushall();
  const arm = await open({
    databaseUrl: test.url,
    redisUrl: onRedis ? (redis as NonNullable<typeof redis>).url : null,
    chains: count,
    concurrency,
  });
  const counters = openCounters(test.url, onRedis ? admin : null);
  await counters.open();
  await sleep(STATISTICS_MS);
  const before = await counters.used();
  const startedAt = performance.now();
  await arm.run();
  const tookMs = performance.now() - startedAt;
  await arm.close();
  await sleep(STATISTICS_MS);
  const used = difference(await counters.used(), before);
  await counters.close();
  await test.close();
  const stages = count * STAGES_PER_CHAIN;
  const each = Object.fromEntries(Object.entries(used).map(([key, value]) => [key, value / stages])) as unknown as Used;
  return { ...each, msPerStage: tookMs / stages };
}

const results: Record<string, unknown> = {};
for (const concurrency of [1, 16]) {
  const all: Record<Name, Measured[]> = { bareRedis: [], oursRedis: [], barePostgres: [], oursEmbedded: [] };
  const countOf = (name: Name) => chains * ARMS[name].factor * (concurrency === 1 ? 1 : 2);
  // The first time compiles code and warms caches; it does not count.
  for (const name of NAMES) await measure(name, concurrency, 20);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const name of repeat % 2 === 0 ? NAMES : NAMES.toReversed()) {
      const measured = await measure(name, concurrency, countOf(name));
      all[name].push(measured);
      process.stderr.write(
        `c=${concurrency} ${repeat + 1}/${repeats} ${name}: ${round(measured.msPerStage)} ms a stage\n`,
      );
    }
  }
  const ratio = (ours: Name, bare: Name, of: (measured: Measured) => number) =>
    estimate(all[ours].map((measured, i) => of(measured) / of(all[bare][i] as Measured)));
  const cpu = (measured: Measured) => measured.nodeCpuSeconds + measured.postgresCpuSeconds + measured.redisCpuSeconds;
  const typical = (name: Name, of: (measured: Measured) => number, digits = 2) =>
    round(median(all[name].map(of)), digits);
  results[`concurrency${concurrency}`] = {
    overhead: {
      redis: ratio('oursRedis', 'bareRedis', (one) => one.msPerStage),
      postgres: ratio('oursEmbedded', 'barePostgres', (one) => one.msPerStage),
    },
    cpuOverhead: { redis: ratio('oursRedis', 'bareRedis', cpu), postgres: ratio('oursEmbedded', 'barePostgres', cpu) },
    perStage: Object.fromEntries(
      NAMES.map((name) => [
        name,
        {
          ms: typical(name, (one) => one.msPerStage),
          commits: typical(name, (one) => one.commits),
          walBytes: typical(name, (one) => one.walBytes, 0),
          redisCalls: typical(name, (one) => one.redisCalls),
          cpuMs: {
            node: typical(name, (one) => one.nodeCpuSeconds * 1_000),
            postgres: typical(name, (one) => one.postgresCpuSeconds * 1_000),
            redis: typical(name, (one) => one.redisCpuSeconds * 1_000),
          },
        },
      ]),
    ),
  };
}
admin.disconnect();
await redis.close();
await server.stop();
process.stdout.write(
  `${JSON.stringify({ benchmark: 'pipeline', repeats, chains, stagesPerChain: STAGES_PER_CHAIN, ...results })}\n`,
);
process.exit(0);
