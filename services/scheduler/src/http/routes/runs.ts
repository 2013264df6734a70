import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { cancelRun } from '@orchestrator/shared/pipeline/control/cancel.ts';
import { PRIORITY_RANGE, setPriority } from '@orchestrator/shared/pipeline/control/priority.ts';
import { RUN_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import { type RunView, readRuns } from '@orchestrator/shared/read/runs.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';
import { Interference, interferer } from '../interference.ts';
import { readRunDetail } from '../read-run-detail.ts';
import { Run, RunDetail } from '../run-shapes.ts';

const runParams = z.object({ run: z.uuid() });

/** Runs: list, detail, cancel. */
export const runRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/runs',
    {
      schema: {
        querystring: z.object({
          repository: z.string().optional().describe('Address, as stored.'),
          task: z.string().optional().describe('TASK_ID.'),
          state: z.enum(RUN_STATES).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: z.object({ runs: z.array(Run) }) },
      },
    },
    async ({ query }) => ({ runs: (await readRuns(db, defined(query))).map(toRun) }),
  );

  app.get('/runs/:run', { schema: { params: runParams, response: { 200: RunDetail } } }, async ({ params }) => {
    const [view] = await readRuns(db, { run: params.run });
    if (!view) throw new AppError('RUN_UNKNOWN', params);
    return { ...toRun(view), ...(await readRunDetail(db, params.run)) };
  });

  app.post(
    '/runs/:run/cancel',
    {
      schema: {
        params: runParams,
        body: Interference,
        response: { 202: z.object({ run: z.uuid(), stopping: z.boolean().describe('False: it had ended already.') }) },
      },
    },
    async ({ params, body }, reply) => {
      if ((await db.run.count({ where: { id: params.run } })) === 0) throw new AppError('RUN_UNKNOWN', params);
      return reply.code(202).send({ run: params.run, stopping: await cancelRun(db, params.run, interferer(body)) });
    },
  );

  app.post(
    '/runs/:run/priority',
    {
      schema: {
        params: runParams,
        body: z.object({
          priority: z
            .number()
            .int()
            .min(PRIORITY_RANGE.least)
            .max(PRIORITY_RANGE.most)
            .describe('The larger, the sooner.'),
          reason: z.string().max(500).optional(),
        }),
        response: { 200: z.object({ run: z.uuid(), changed: z.boolean().describe('False: it has ended.') }) },
      },
    },
    async ({ params, body }) => {
      if ((await db.run.count({ where: { id: params.run } })) === 0) throw new AppError('RUN_UNKNOWN', params);
      return { run: params.run, changed: await setPriority(db, params.run, body.priority, interferer(body)) };
    },
  );
};

const toRun = ({ spentNanoUsd, heldNanoUsd, createdAt, endedAt, waiting, ...view }: RunView): z.infer<typeof Run> => ({
  ...view,
  spentNanoUsd: String(spentNanoUsd),
  heldNanoUsd: String(heldNanoUsd),
  waiting: waiting && { ...waiting, until: waiting.until.toISOString() },
  createdAt: createdAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

/** Without the keys that are not set, which optional properties do not allow. */
function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
