import { handingOver } from '../pipeline/hand-over.ts';
import type { QueueName } from '../pipeline/machine.ts';
import { QUEUE_OF } from '../pipeline/machine.ts';
import { runStage } from '../pipeline/run-stage.ts';
import type { StageDefinition } from '../pipeline/stage.ts';
import type { Consumer } from '../queue/transport.ts';
import { sample } from '../telemetry/metrics.ts';
import type { Component, Resources } from './resources.ts';
import { type ProgressListener, stageContext } from './stage-context.ts';
import { createWorkerRow } from './worker-row.ts';

export interface StageWorkersOptions {
  readonly resources: Resources;
  readonly stages: readonly StageDefinition[];
  /** Messages of a queue at once. Default 1; each validation may hold a sandbox. */
  readonly concurrency?: number;
  readonly onProgress?: ProgressListener;
  /** How long work in progress may go on after the stop. Default: ORCHESTRATOR_DRAIN_MS; then it is aborted and its claims are released. */
  readonly drainMs?: number;
}

/** Takes messages for the given stages and runs their processors. */
export function createStageWorkers({
  resources,
  stages,
  concurrency = 1,
  onProgress = () => {},
  drainMs = resources.env.ORCHESTRATOR_DRAIN_MS,
}: StageWorkersOptions): Component {
  const byName = new Map<string, StageDefinition>(stages.map((definition) => [definition.stage, definition]));
  const queues = [...new Set<QueueName>(stages.map((definition) => QUEUE_OF[definition.stage]))];
  const shutdown = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let consumers: Consumer[] = [];
  const worker = {
    db: resources.db,
    log: resources.log,
    workerId: resources.workerId,
    definition: (stage: string) => byName.get(stage),
    context: (...[held, signal, log]: Parameters<Parameters<typeof runStage>[0]['context']>) =>
      stageContext(resources, held, signal, log, onProgress),
    handOver: handingOver(resources.transport),
    shutdown: shutdown.signal,
    leaseMs: resources.env.ORCHESTRATOR_LEASE_MS,
  };
  const row = createWorkerRow({
    db: resources.db,
    log: resources.log,
    workerId: resources.workerId,
    queues,
    concurrency,
    inFlight: () => inFlight.size,
  });
  return {
    name: `workers of ${queues.join(', ')}`,
    stuck: () => row.stuck?.() ?? null,
    samples: async () => [sample('orchestrator_stages_in_flight', {}, inFlight.size)],
    async start() {
      await row.start();
      consumers = await Promise.all(
        queues.map((queue) =>
          resources.transport.consume(queue, concurrency, async (message, doubt) => {
            const running = runStage(worker, message, doubt);
            inFlight.add(running);
            await running.finally(() => inFlight.delete(running));
          }),
        ),
      );
    },
    async stop() {
      row.drain();
      await Promise.all(consumers.map((consumer) => consumer.pause()));
      const timer = setTimeout(() => shutdown.abort(), drainMs);
      await Promise.allSettled(inFlight);
      clearTimeout(timer);
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await row.stop();
    },
  };
}
