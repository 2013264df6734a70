import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { RUN_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isActive, taskStates, wantsRun } from '../../admission/candidates.ts';
import { retryTask } from '../../admission/retry-task.ts';
import type { ApiContext } from '../app.ts';

const Task = z.object({
  id: z.uuid(),
  repository: z.string(),
  task: z.string().describe('TASK_ID.'),
  title: z.string(),
  status: z.enum(['ready', 'blocked', 'removed', 'done']),
  priority: z.enum(['high', 'medium', 'low']),
  revision: z.number().int(),
  dependsOn: z.array(z.string()),
  runState: z.enum(RUN_STATES).nullable().describe('Of its latest run.'),
  active: z.boolean().describe('A run works on it, or waits to.'),
  wantsRun: z.boolean().describe('The next admission may start a run.'),
});

/** Tasks: list, ask for another run. */
export const taskRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/tasks',
    {
      schema: {
        querystring: z.object({ repository: z.string().optional().describe('Address, as stored.') }),
        response: { 200: z.object({ tasks: z.array(Task) }) },
      },
    },
    async ({ query }) => {
      const repositories = await db.repository.findMany({
        where: query.repository === undefined ? {} : { url: query.repository },
        orderBy: { createdAt: 'asc' },
      });
      const tasks = await Promise.all(
        repositories.map(async ({ id, url }) =>
          (await taskStates(db, id)).map((task) => ({
            ...task,
            dependsOn: [...task.dependsOn],
            repository: url,
            task: task.key,
            active: isActive(task),
            wantsRun: wantsRun(task),
          })),
        ),
      );
      return { tasks: tasks.flat() };
    },
  );

  app.post(
    '/tasks/:id/retry',
    {
      schema: {
        params: z.object({ id: z.uuid() }),
        response: {
          202: z.object({
            task: z.string(),
            result: z
              .enum(['asked', 'first'])
              .describe('first: it had not been worked on, nothing had to be asked for.'),
          }),
        },
      },
    },
    async ({ params }, reply) => {
      const task = await db.task.findUnique({ where: { id: params.id }, select: { key: true, repositoryId: true } });
      if (!task) throw new AppError('TASK_UNKNOWN', { task: params.id });
      const result = await retryTask(db, { repositoryId: task.repositoryId, taskKey: task.key });
      return reply.code(202).send({ task: task.key, result });
    },
  );
};
