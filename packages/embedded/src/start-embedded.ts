import { createDeliveryLoop } from '@orchestrator/notifier/deliveries.ts';
import { createLessonProposals } from '@orchestrator/notifier/lesson-file/lesson-proposals.ts';
import { createBackground } from '@orchestrator/scheduler/components.ts';
import { databaseChecks } from '@orchestrator/shared/boot/database-checks.ts';
import type { Vitals } from '@orchestrator/shared/boot/health.ts';
import type { Component, Resources } from '@orchestrator/shared/boot/resources.ts';
import { startAll, stopAll } from '@orchestrator/shared/boot/shutdown.ts';
import type { ProgressListener } from '@orchestrator/shared/boot/stage-context.ts';
import { createStageWorkers } from '@orchestrator/shared/boot/stage-workers.ts';
import { createVitals } from '@orchestrator/shared/boot/vitals.ts';
import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import { openTracing } from '@orchestrator/shared/telemetry/open-tracing.ts';
import type { System } from './open-system.ts';
import { endLeasesOfTheDead } from './recover-local.ts';
import { allStages } from './stages.ts';
import { wakeWaiting } from './wake-waiting.ts';

export interface EmbeddedOptions {
  /** Told what each run is doing. */
  readonly onProgress?: ProgressListener;
  /** Stages of one service at once. Default 1. */
  readonly concurrency?: number;
  /** Default: those of every service. */
  readonly stages?: readonly StageDefinition[];
  /** More components, started last: the ticker of `up`, and who tells of the vitals of all of them. */
  readonly also?: (resources: Resources, vitals: Vitals) => readonly Component[];
}

export interface RunningSystem {
  readonly resources: Resources;
  /** Ends work in progress, or gives it back, and stops. The system itself stays open. */
  stop(): Promise<void>;
}

/** Every service in this process, on the opened system. Throws QUEUE_UNAVAILABLE and what components throw. */
export async function startEmbedded(
  system: System,
  { onProgress, concurrency = 1, stages = allStages, also }: EmbeddedOptions = {},
): Promise<RunningSystem> {
  const { env, log, db, databaseUrl, ledger } = system;
  const recovered = await endLeasesOfTheDead(db);
  if (recovered > 0) log.info({ stages: recovered }, 'stages of a process that is gone are taken up again');
  await wakeWaiting(db);
  const tracing = await openTracing(env, 'embedded', log);
  const transport = await openBullmqTransport({ redisUrl: env.REDIS_URL, databaseUrl, log });
  const resources: Resources = { ...system, transport };
  let started: readonly Component[] = [];
  let draining = false;
  const vitals = createVitals({
    service: 'embedded',
    log,
    components: () => started,
    draining: () => draining,
    checks: databaseChecks(db, databaseUrl),
  });
  const components: Component[] = [
    ...createBackground({ db, databaseUrl, transport, ledger, log, env, repositories: system.repositories }),
    createStageWorkers({ resources, stages, concurrency, ...(onProgress ? { onProgress } : {}) }),
    createDeliveryLoop({ db, env, log, repositories: system.repositories }),
    createLessonProposals({ db, env, log, repositories: system.repositories }),
    ...(also?.(resources, vitals) ?? []),
  ];
  await startAll(components, log);
  started = components;
  return {
    resources,
    async stop() {
      draining = true;
      await stopAll(components, log);
      await transport.close();
      await tracing.close();
    },
  };
}
