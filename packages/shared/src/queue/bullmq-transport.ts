import { createPostgresBackend, Queue, runMigrations, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { within } from '../boot/within.ts';
import { JobPayload } from '../contracts/job.ts';
import { withClient } from '../db/with-client.ts';
import { AppError } from '../errors/app-error.ts';
import type { QueueName } from '../pipeline/machine.ts';
import { openCanary } from './bullmq-canary.ts';
import { createOutageLog } from './outage-log.ts';
import type { Transport } from './transport.ts';

/**
 * BullMQ, the only file that imports it. On Redis where an address is given, otherwise on its Postgres backend in the
 * schema `bullmq` of our database.
 */
export interface BullmqOptions {
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string;
  readonly log: Logger;
}

/** Finished messages are worth nothing: Postgres has the history. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
const WORKER_OPTIONS = { maxStalledCount: 10, lockDuration: 60_000, drainDelay: 5 } as const;

/** In the order in which a message passes them, so that none is missed between two looks. */
const ON_THEIR_WAY = ['delayed', 'prioritized', 'wait', 'active'] as const;
/** A queue that nobody consumes: its one message is the mark of the backend's epoch. */
const MARK = 'mark';

/** Not all digits and free of colons, as BullMQ wants its ids. */
const jobId = (message: JobPayload): string => `${message.stageRunId}-g${message.generation}`;

export async function openBullmqTransport(options: BullmqOptions): Promise<Transport> {
  const { log } = options;
  const backend =
    options.redisUrl === undefined ? await openPostgres(options.databaseUrl) : await openRedis(options.redisUrl);
  const outages = createOutageLog(log);
  backend.onReady?.(outages.over);
  const queues = new Map<string, Queue>();
  const consumers = new Set<Worker<JobPayload>>();

  const queueOf = (name: QueueName | typeof MARK): Queue => {
    let queue = queues.get(name);
    if (!queue) {
      queue = backend.queue(name);
      queue.on('error', outages.failed);
      queues.set(name, queue);
    }
    return queue;
  };

  return {
    async publish(name, messages) {
      const jobs = messages.map((data) => ({ name: 'stage', data, opts: { ...JOB_OPTIONS, jobId: jobId(data) } }));
      await reach(() => queueOf(name).addBulk(jobs));
    },
    async missing(name, messages) {
      const carried = new Set(await reach(() => queueOf(name).getRanges([...ON_THEIR_WAY], 0, -1)));
      return messages.filter((message) => !carried.has(jobId(message)));
    },
    async hasMark(epoch) {
      const state = await reach(() => queueOf(MARK).getJobState(epoch));
      return state !== 'unknown';
    },
    async setMark(epoch) {
      await reach(() => queueOf(MARK).add('mark', {}, { ...JOB_OPTIONS, jobId: epoch }));
    },
    async consume(name, concurrency, onMessage) {
      const worker = backend.worker(name, concurrency, async (data, doubt) => {
        const message = JobPayload.safeParse(data);
        if (!message.success) {
          log.error({ queue: name, problem: message.error.message }, 'message dropped: it is none of ours');
          throw new UnrecoverableError('not a stage message');
        }
        await onMessage(message.data, doubt);
      });
      worker.on('error', outages.failed);
      worker.on('lockRenewalFailed', (ids) => {
        for (const id of ids) worker.cancelJob(id, 'the queue does not hold the message for us any more');
      });
      consumers.add(worker);
      await worker.waitUntilReady().catch((error: unknown) => {
        throw unavailable(error);
      });
      return {
        pause: () => worker.pause(true),
        async close() {
          await worker.close();
          consumers.delete(worker);
        },
      };
    },
    inspect: queueOf,
    openCanary: (name, onArrival) =>
      openCanary(backend, name, onArrival, outages.failed).catch((error: unknown) => {
        throw unavailable(error);
      }),
    async close() {
      await Promise.all([...consumers].map((worker) => worker.close(true)));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

type Process = (data: unknown, doubt: AbortSignal) => Promise<void>;

export interface Backend {
  queue(name: string): Queue;
  worker(name: string, concurrency: number, process: Process): Worker<JobPayload>;
  /** `listener` is called whenever the connection is there again. */
  onReady?(listener: () => void): void;
  close(): Promise<void>;
}

async function openPostgres(url: string): Promise<Backend> {
  await withClient({ connectionString: url }, runMigrations).catch((error: unknown) => {
    throw unavailable(error);
  });
  // One connection a pool is enough: LISTEN has its own, and messages are rare beside the work they announce.
  const connection = { connectionString: url, max: 2, keepAlive: true };
  return {
    queue: (name) => new Queue(name, { connection }, createPostgresBackend) as unknown as Queue,
    worker: (name, concurrency, process) =>
      new Worker(
        name,
        (job, _token, signal) => process(job.data, signal as AbortSignal),
        { ...WORKER_OPTIONS, connection, concurrency },
        createPostgresBackend,
      ) as unknown as Worker<JobPayload>,
    close: async () => {},
  };
}

/** A connection on which a command waits longer is a dead one: a consumer's longest wait is `drainDelay`. */
const SILENCE_LIMIT_MS = 30_000;

async function openRedis(url: string): Promise<Backend> {
  // Producers fail at once, so that the outbox keeps the message; workers wait until Redis is back.
  const producer = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    commandTimeout: 5_000,
    socketTimeout: SILENCE_LIMIT_MS,
  });
  const blocking = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, socketTimeout: SILENCE_LIMIT_MS });
  for (const connection of [producer, blocking]) connection.on('error', () => {});
  try {
    await producer.connect();
    await blocking.connect();
  } catch (error) {
    producer.disconnect();
    blocking.disconnect();
    throw unavailable(error);
  }
  return {
    queue: (name) => new Queue(name, { connection: producer }),
    worker: (name, concurrency, process) =>
      new Worker(name, (job, _token, signal) => process(job.data, signal as AbortSignal), {
        ...WORKER_OPTIONS,
        connection: blocking,
        concurrency,
      }),
    onReady: (listener) => producer.on('ready', listener),
    async close() {
      producer.disconnect();
      blocking.disconnect();
    },
  };
}

/** Longer than any answer takes. */
const ANSWER_LIMIT_MS = 10_000;

/** A queue that is first used while the backend is away waits for it without end; who asks has other things to do. */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await within(ANSWER_LIMIT_MS, work, () => {
      throw new Error('it does not answer');
    });
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): AppError {
  // Addresses hold passwords: only the driver's own words are passed on.
  return new AppError(
    'QUEUE_UNAVAILABLE',
    { reason: error instanceof Error ? error.message || error.name : String(error) },
    { cause: error },
  );
}
