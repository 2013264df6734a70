import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { pause, resume, type Scope } from '@orchestrator/shared/pipeline/control/pause.ts';
import { QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';
import { Interference, interferer } from '../interference.ts';
import { requireRepository } from '../known-repository.ts';

/** What can be paused, by path. `exists` throws where there is no such thing. */
const SCOPES = [
  { path: '', params: z.object({}), scope: (): Scope => ({ kind: 'system' }), exists: async () => {} },
  {
    path: '/queues/:queue',
    params: z.object({ queue: z.enum(QUEUES) }),
    scope: ({ queue }: { queue: (typeof QUEUES)[number] }): Scope => ({ kind: 'queue', queue }),
    exists: async () => {},
  },
  {
    path: '/repositories/:id',
    params: z.object({ id: z.uuid() }),
    scope: ({ id }: { id: string }): Scope => ({ kind: 'repository', repositoryId: id }),
    exists: (db: ApiContext['db'], { id }: { id: string }) => requireRepository(db, { id }),
  },
  {
    path: '/runs/:run',
    params: z.object({ run: z.uuid() }),
    scope: ({ run }: { run: string }): Scope => ({ kind: 'run', runId: run }),
    async exists(db: ApiContext['db'], { run }: { run: string }) {
      if ((await db.run.count({ where: { id: run } })) === 0) throw new AppError('RUN_UNKNOWN', { run });
    },
  },
] as const;

const Paused = z.object({ paused: z.boolean(), changed: z.boolean().describe('False: it was so before.') });
const Resumed = Paused.extend({ announced: z.number().int().describe('Stages that go on.') });

/** Pause and resume: everything, a queue, a repository, a run. What runs goes on to its end. */
export const pauseRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  for (const { path, params, scope, exists } of SCOPES) {
    app.post(
      `${path}/pause`,
      { schema: { params, body: Interference, response: { 200: Paused } } },
      async (request) => {
        await exists(db, request.params as never);
        const changed = await pause(db, scope(request.params as never), interferer(request.body));
        return { paused: true, changed };
      },
    );
    app.post(
      `${path}/resume`,
      { schema: { params, body: Interference, response: { 200: Resumed } } },
      async (request) => {
        await exists(db, request.params as never);
        const announced = await resume(db, scope(request.params as never), interferer(request.body));
        return { paused: false, changed: announced !== null, announced: announced ?? 0 };
      },
    );
  }
};
