import { readStats } from '@orchestrator/shared/read/stats/read-stats.ts';
import { jsonText } from '@orchestrator/shared/text/json-text.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';
import { requireRepository } from '../known-repository.ts';
import { Stats } from '../stats-shapes.ts';

/** What became of tasks, what it cost, and how modules, models and prompts compare. */
export const statsRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/stats',
    {
      schema: {
        querystring: z.object({
          repository: z.string().optional().describe('Address, as stored. Absent: all.'),
          period: z.enum(['day', 'week']).default('day').describe('Of the figures over time.'),
        }),
        response: { 200: Stats },
      },
    },
    async ({ query: { repository, period } }) => {
      if (repository !== undefined) await requireRepository(db, { url: repository });
      return JSON.parse(jsonText(await readStats(db, { repository, period }))) as z.infer<typeof Stats>;
    },
  );
};
