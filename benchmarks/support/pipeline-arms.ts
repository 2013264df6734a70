import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { OrchestratorConfig } from '../../packages/shared/src/config/schema.ts';
import { openDatabase } from '../../packages/shared/src/db/client.ts';
import { handingOver } from '../../packages/shared/src/pipeline/hand-over.ts';
import { QUEUES } from '../../packages/shared/src/pipeline/machine.ts';
import { runStage } from '../../packages/shared/src/pipeline/run-stage.ts';
import type { StageContext } from '../../packages/shared/src/pipeline/stage.ts';
import { openBullmqTransport } from '../../packages/shared/src/queue/bullmq-transport.ts';
import { seedManyRuns } from '../../packages/testkit/src/seed-run.ts';
import { createRelay } from '../../services/scheduler/src/relay.ts';

/** Stages of a chain: analyze, code, validate, publish; each is a queue. */
export const STAGES_PER_CHAIN = 4;

export interface ArmOptions {
  readonly databaseUrl: string;
  /** null: the queue is in Postgres. */
  readonly redisUrl: string | null;
  readonly chains: number;
  readonly concurrency: number;
}

/** Opened and filled; `run` begins to work and resolves when the last chain has ended. */
export interface Arm {
  run(): Promise<void>;
  close(): Promise<void>;
}

const deferred = () => Promise.withResolvers<void>();

/** The same four queues by BullMQ alone: each worker adds the next job. Nothing outlives a wipe, nothing is fenced. */
export async function bareChain({ databaseUrl, redisUrl, chains, concurrency }: ArmOptions): Promise<Arm> {
  const names = QUEUES.map((name) => `bare-${name}`);
  const redis = redisUrl === null ? null : new Redis(redisUrl, { maxRetriesPerRequest: null });
  if (!redis) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await runMigrations(client);
    await client.end();
  }
  const inPostgres = { connectionString: databaseUrl, max: 2, keepAlive: true };
  const queueOf = (name: string): Queue =>
    redis
      ? new Queue(name, { connection: redis })
      : (new Queue(name, { connection: inPostgres }, createPostgresBackend) as unknown as Queue);
  const options = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
  const queues = names.map(queueOf);
  await queues[0]?.addBulk(Array.from({ length: chains }, (_, n) => ({ name: 'stage', data: { n }, opts: options })));
  const done = deferred();
  let ended = 0;
  const workers = names.map((name, at) => {
    const process = async (job: { data: unknown }) => {
      const next = queues[at + 1];
      if (next) await next.add('stage', job.data, options);
      else if (++ended === chains) done.resolve();
    };
    const settings = { concurrency, autorun: false, drainDelay: 5 };
    return redis
      ? new Worker(name, process, { connection: redis, ...settings })
      : (new Worker(
          name,
          process,
          { connection: inPostgres, ...settings },
          createPostgresBackend,
        ) as unknown as Worker);
  });
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    async run() {
      for (const worker of workers) worker.run().catch(() => {});
      await done.promise;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(queues.map((queue) => queue.close()));
      redis?.disconnect();
    },
  };
}

/** Ours: claim, heartbeat, fenced end, outbox and relay around the same queues; the processors do nothing. */
export async function pipeline({ databaseUrl, redisUrl, chains, concurrency }: ArmOptions): Promise<Arm> {
  const { log } = sink();
  const db = openDatabase(databaseUrl, { maxConnections: Math.min(4 * concurrency, 20) });
  const transport = await openBullmqTransport({ redisUrl: redisUrl ?? undefined, databaseUrl, log });
  await seedManyRuns(db, chains, 'analyze');
  await db.worker.create({
    data: {
      id: 'bench',
      service: 'embedded',
      version: '0',
      queues: [...QUEUES],
      concurrency,
      lastSeen: new Date(Date.now() + 3_600_000),
    },
  });
  const config = OrchestratorConfig.parse({});
  const done = deferred();
  let ended = 0;
  const worker = {
    db,
    log,
    workerId: 'bench',
    handOver: handingOver(transport),
    shutdown: new AbortController().signal,
    definition: (stage: string) => ({
      stage: stage as 'code',
      timeoutMs: 60_000,
      process: async () => ({ kind: 'advance' as const, artifacts: [] }),
    }),
    context: async () => ({ config, task: { key: 'bench' } }) as unknown as StageContext,
  };
  const relay = createRelay({ databaseUrl, transport, log });
  return {
    async run() {
      for (const queue of QUEUES)
        await transport.consume(queue, concurrency, async (message, doubt) => {
          await runStage(worker, message, doubt);
          if (queue === 'notifier' && ++ended === chains) done.resolve();
        });
      await relay.start();
      await done.promise;
    },
    async close() {
      await relay.stop();
      await transport.close();
      await db.$disconnect();
    },
  };
}
