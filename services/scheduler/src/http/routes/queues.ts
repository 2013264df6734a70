import { readQueues } from '@orchestrator/shared/pipeline/control/queues.ts';
import { QUEUES, STAGES } from '@orchestrator/shared/pipeline/machine.ts';
import { readBacklog } from '@orchestrator/shared/read/backlog.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';

const Queue = z.object({
  queue: z.enum(QUEUES),
  paused: z.boolean().describe('By itself, or with everything.'),
  workers: z.number().int().describe('Processes that take from it.'),
  slots: z.number().int().describe('Messages that they take at once, together.'),
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
    const [backlog, states] = await Promise.all([readBacklog(db), readQueues(db)]);
    return {
      queues: states.map(({ queue, paused, workers, slots }) => ({
        queue,
        paused,
        workers,
        slots,
        stages: backlog.filter((stage) => stage.queue === queue),
      })),
    };
  });
};
