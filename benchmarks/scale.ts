/**
 * How throughput grows with validators: npm run bench:scale -- --json [--runs N] [--work-ms N]
 * Work in a child process through 1 to 4 validator processes, Redis and the relay. `waiting`: it takes its time without a
 * core, as a build that waits for disk and network; what is shown is that delivery adds no bottleneck. `computing`: it
 * needs a whole core, and so grows only with the cores that there are, which the result names.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sink } from '../packages/shared/src/boot/logger.ts';
import { openBullmqTransport } from '../packages/shared/src/queue/bullmq-transport.ts';
import { startTestServer, testDatabase } from '../packages/testkit/src/postgres.ts';
import { seedManyRuns } from '../packages/testkit/src/seed-run.ts';
import { startRedis } from '../packages/testkit/src/stores/redis.ts';
import { createRelay } from '../services/scheduler/src/relay.ts';
import { closeAtSignal, watch } from './support/leave-nothing.ts';
import { startProgram } from './support/machine.ts';
import { median, round } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '24' },
    'work-ms': { type: 'string', default: '500' },
    repeats: { type: 'string', default: '3' },
  },
});
const runs = Number(values.runs);
const workMs = values['work-ms'];
const PROCESSES = [1, 2, 3, 4];
const WORKS = ['waiting', 'computing'] as const;
type Work = (typeof WORKS)[number];

const server = await startTestServer({ durable: true });
closeAtSignal(() => server.stop());
const redis = await startRedis({ here: true, watch });
if (redis === null) throw new Error('the benchmark needs redis-server');

/** Runs a second, from the moment at which all are announced. */
async function throughput(count: number, work: Work): Promise<number> {
  const { database: db, url, close } = await testDatabase();
  const { log } = sink();
  const transport = await openBullmqTransport({ redisUrl: redis?.url, databaseUrl: url, log });
  const relay = createRelay({ databaseUrl: url, transport, log });
  const program = join(import.meta.dirname, 'support/validator-process.ts');
  const env = { DATABASE_URL: url, REDIS_URL: redis?.url ?? '' };
  const validators = Array.from({ length: count }, (_, i) =>
    startProgram(program, env, [`validator-${i}`, workMs, work]),
  );
  await Promise.all(validators.map((validator) => validator.line((line) => 'started' in line)));
  await relay.start();
  const startedAt = performance.now();
  await seedManyRuns(db, runs);
  while ((await db.run.count({ where: { endedAt: null } })) > 0) await sleep(50);
  const seconds = (performance.now() - startedAt) / 1_000;
  const shares = await db.stageAttempt.groupBy({ by: ['workerId'], _count: true });
  if (shares.length !== count) throw new Error(`${shares.length} of ${count} validators took work`);
  await Promise.all(validators.map((validator) => validator.stop()));
  await relay.stop();
  await transport.close();
  await close();
  return runs / seconds;
}

const results: Record<string, unknown> = {};
for (const work of WORKS) {
  const measured = new Map<number, number[]>(PROCESSES.map((count) => [count, []]));
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    for (const count of repeat % 2 === 0 ? PROCESSES : PROCESSES.toReversed()) {
      const perSecond = await throughput(count, work);
      measured.get(count)?.push(perSecond);
      process.stderr.write(`${work}, ${count} validator(s): ${round(perSecond)} runs a second\n`);
    }
  }
  const single = median(measured.get(1) ?? []);
  const ratios = Object.fromEntries([...measured].map(([count, list]) => [count, round(median(list) / single)]));
  results[work] = { runsPerSecondOfOne: round(single), throughputRatio: ratios };
}
await redis.close();
await server.stop();
process.stdout.write(
  `${JSON.stringify({ benchmark: 'scale', runs, workMs: Number(workMs), cores: availableParallelism(), ...results })}\n`,
);
process.exit(0);
