/**
 * A process that takes from the validator's queue and works on each stage by a child process, which waits or computes for
 * so long. Arguments: worker id, milliseconds, `waiting` or `computing`. Ends at SIGTERM.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { createWorkerRow } from '../../packages/shared/src/boot/worker-row.ts';
import { OrchestratorConfig } from '../../packages/shared/src/config/schema.ts';
import { openDatabase } from '../../packages/shared/src/db/client.ts';
import { runStage } from '../../packages/shared/src/pipeline/run-stage.ts';
import type { StageContext } from '../../packages/shared/src/pipeline/stage.ts';
import { openBullmqTransport } from '../../packages/shared/src/queue/bullmq-transport.ts';

const [workerId = '', workMs = '', work = 'waiting'] = process.argv.slice(2);
/** By the processor's time: on a busy machine it takes longer. */
const COMPUTE = `while (process.cpuUsage().user + process.cpuUsage().system < ${Number(workMs) * 1_000});`;
const child = (): ChildProcess =>
  work === 'computing' ? spawn(process.execPath, ['-e', COMPUTE]) : spawn('sleep', [String(Number(workMs) / 1_000)]);

const databaseUrl = process.env.DATABASE_URL as string;
const { log } = sink();
const db = openDatabase(databaseUrl);
const transport = await openBullmqTransport({ redisUrl: process.env.REDIS_URL, databaseUrl, log });
const row = createWorkerRow({ db, log, workerId, queues: ['validator'], concurrency: 1, inFlight: () => 0 });
await row.start();
const config = OrchestratorConfig.parse({});
const consumer = await transport.consume('validator', 1, (message, doubt) =>
  runStage(
    {
      db,
      log,
      workerId,
      shutdown: new AbortController().signal,
      definition: () => ({
        stage: 'baseline',
        timeoutMs: 60_000,
        async process() {
          await once(child(), 'exit');
          return { kind: 'reject', code: 'NO_COMMANDS', message: 'done', artifacts: [] };
        },
      }),
      context: async () => ({ config, task: { key: 'bench' } }) as unknown as StageContext,
    },
    message,
    doubt,
  ),
);
process.stdout.write(`${JSON.stringify({ started: workerId })}\n`);
process.once('SIGTERM', async () => {
  await consumer.close();
  await row.stop();
  await transport.close();
  await db.$disconnect();
  process.exit(0);
});
