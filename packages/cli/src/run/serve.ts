import { once } from 'node:events';
import {
  createDatabaseMetrics,
  createHttpServer,
  createTicker,
  ensureRepository,
  type HttpServer,
} from '@orchestrator/embedded/scheduling.ts';
import { services } from '@orchestrator/embedded/services.ts';
import { startEmbedded } from '@orchestrator/embedded/start-embedded.ts';
import { createCanary } from '@orchestrator/shared/boot/canary.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { CommandContext } from '../command.ts';
import type { System, Target } from '../system.ts';
import { openTarget } from '../target.ts';
import { requireKeys } from './require-keys.ts';

export interface Served {
  readonly repositories: readonly string[];
  /** Runs that were started in the meantime. */
  readonly runs: number;
  readonly wallMs: number;
}

/** Everything in this process, ticking by the cadence, until the signal. */
export async function serve(context: CommandContext, repo: string | undefined): Promise<Served> {
  const began = new Date();
  const { log, signal } = context;
  const system = await context.system();
  await addRepository(context, system, repo);
  const repositories = await namesOf(system);
  const { createSandboxCheck } = await services.sandboxCheck();
  let http: HttpServer | undefined;
  const running = await startEmbedded(system, {
    onProgress: ({ runId, ...saying }) => log.debug({ run: runId, ...saying }, 'progress'),
    also: (resources, vitals) => {
      http = createHttpServer(resources, vitals);
      return [
        createTicker({ db: resources.db, repositories: resources.repositories, log }),
        createDatabaseMetrics(resources.db),
        createSandboxCheck(),
        createCanary(resources),
        http,
      ];
    },
  });
  try {
    log.info({ repositories, queues: `${http?.url()}/queues` }, 'up; stop with Ctrl+C');
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await running.stop();
  }
  return {
    repositories,
    runs: await system.db.run.count({ where: { createdAt: { gte: began } } }),
    wallMs: Date.now() - began.getTime(),
  };
}

/** The repository that was named, or the one in this folder. Throws REPO_NOT_FOUND where there is none to work on at all. */
async function addRepository(context: CommandContext, { db, env }: System, repo: string | undefined): Promise<void> {
  let target: Target;
  try {
    target = await openTarget(context, repo);
  } catch (error) {
    const elsewhere = repo === undefined && error instanceof AppError && error.code === 'REPO_NOT_FOUND';
    if (elsewhere && (await db.repository.count({ where: { paused: false } })) > 0) return;
    throw error;
  }
  requireKeys(env, target.loaded.config);
  await ensureRepository(db, target);
}

async function namesOf({ db }: System): Promise<string[]> {
  const rows = await db.repository.findMany({
    where: { paused: false },
    select: { url: true },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(({ url }) => url);
}
