import { QUEUES, STAGES } from '@orchestrator/shared/pipeline/machine.ts';
import { readBacklog } from '@orchestrator/shared/read/backlog.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';

const Queue = z.object({
  queue: z.enum(QUEUES),
  paused: z.boolean(),
  stages: z.array(
    z.object({
      stage: z.enum(STAGES),
      ready: z.number().int(),
      waiting: z.number().int(),
      running: z.number().int(),
      dead: z.number().int(),
      oldestReadySeconds: z.number().nullable(),
    }),
  ),
});

/** Queues, as the database knows them: what a backend holds are only hints. */
export const queueRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get('/queues', { schema: { response: { 200: z.object({ queues: z.array(Queue) }) } } }, async () => {
    const [backlog, controls] = await Promise.all([readBacklog(db), db.queueControl.findMany()]);
    return {
      queues: QUEUES.map((queue) => ({
        queue,
        paused: controls.some((control) => control.queue === queue && control.paused),
        stages: backlog.filter((stage) => stage.queue === queue),
      })),
    };
  });
};
