import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tickNow } from '../../cadence/schedule.ts';
import { ensureRepository } from '../../repository.ts';
import { tickName } from '../../ticker.ts';
import type { ApiContext } from '../app.ts';
import { requireRepository } from '../known-repository.ts';

const Repository = z.object({
  id: z.uuid(),
  url: z.string(),
  name: z.string(),
  paused: z.boolean(),
  headCommit: z.string().nullable(),
});
const params = z.object({ id: z.uuid() });

/** Repositories: list, add, and have the task file read now instead of at the next tick. */
export const repositoryRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/repositories',
    { schema: { response: { 200: z.object({ repositories: z.array(Repository) }) } } },
    async () => ({
      repositories: await db.repository.findMany({ orderBy: { createdAt: 'asc' } }),
    }),
  );

  app.post(
    '/repositories',
    {
      schema: {
        body: z.object({
          repository: z.string().min(1).max(2_000).describe('A git URL, or a folder of the scheduler.'),
        }),
        response: { 202: Repository.pick({ id: true, url: true, name: true }) },
      },
    },
    async ({ body }, reply) => {
      const { url, name } = await identifyRepository(body.repository);
      const repository = await ensureRepository(db, { url, name });
      await tickNow(db, tickName(repository));
      return reply.code(202).send(repository);
    },
  );

  app.post(
    '/repositories/:id/tick',
    { schema: { params, response: { 202: z.object({ id: z.uuid() }) } } },
    async ({ params: { id } }, reply) => {
      await requireRepository(db, { id });
      await tickNow(db, tickName({ id }));
      return reply.code(202).send({ id });
    },
  );
};
