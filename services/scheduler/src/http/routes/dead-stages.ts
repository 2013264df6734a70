import { type DeadStage, deadStages, replay } from '@orchestrator/shared/pipeline/control/replay.ts';
import { STAGES } from '@orchestrator/shared/pipeline/machine.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';
import { interferer } from '../interference.ts';

const Dead = z.object({
  stageRunId: z.uuid(),
  runId: z.uuid(),
  taskKey: z.string(),
  stage: z.enum(STAGES),
  round: z.number().int(),
  state: z.enum(['dead', 'failed']),
  errors: z.number().int(),
  crashes: z.number().int(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  endedAt: z.string().nullable(),
});

const Filter = z.object({
  run: z.uuid().optional(),
  repository: z.uuid().optional().describe('Id.'),
  task: z.string().optional().describe('TASK_ID.'),
  stage: z.enum(STAGES).optional(),
  code: z.string().optional().describe('The error code that ended it.'),
});

const toFilter = ({ run, repository, task, stage, code }: z.infer<typeof Filter>) => ({
  runId: run,
  repositoryId: repository,
  taskKey: task,
  stage,
  code,
});

const toShape = (dead: DeadStage): z.infer<typeof Dead> => ({ ...dead, endedAt: dead.endedAt?.toISOString() ?? null });

/** Dead stages: list, and replay one by one or by filter. */
export const deadStageRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/dead-stages',
    { schema: { querystring: Filter, response: { 200: z.object({ stages: z.array(Dead) }) } } },
    async ({ query }) => ({ stages: (await deadStages(db, toFilter(query), 500)).map(toShape) }),
  );

  app.post(
    '/dead-stages/replay',
    {
      schema: {
        body: Filter.extend({
          stageRuns: z.array(z.uuid()).min(1).max(1_000).optional().describe('Only these.'),
          states: z
            .array(z.enum(['dead', 'failed']))
            .min(1)
            .optional()
            .describe('Default: only dead.'),
          reason: z.string().max(500).optional().describe('Why; it is put on record.'),
        }),
        response: {
          200: z.object({
            replayed: z.array(Dead),
            refused: z.array(Dead.extend({ why: z.enum(['outdated', 'superseded', 'not_dead']) })),
          }),
        },
      },
    },
    async ({ body }) => {
      const filter = { ...toFilter(body), stageRunIds: body.stageRuns, states: body.states };
      const { replayed, refused } = await replay(db, filter, interferer(body));
      return { replayed: replayed.map(toShape), refused: refused.map((one) => ({ ...toShape(one), why: one.why })) };
    },
  );
};
