import { addLesson, changeLesson } from '@orchestrator/shared/lessons/change.ts';
import {
  LESSON_SOURCES,
  LessonEvidence,
  LessonScope,
  MAX_TEXT,
  MAX_WEIGHT,
} from '@orchestrator/shared/lessons/lesson.ts';
import { type LessonView, lessonRow, listLessons, shownTo, viewOf } from '@orchestrator/shared/lessons/list.ts';
import { rememberedHalfLife } from '@orchestrator/shared/lessons/rules.ts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../app.ts';
import { Interference } from '../interference.ts';
import { requireRepository } from '../known-repository.ts';

const instant = z.string().describe('ISO 8601, UTC.');
const States = z.enum(['shown', 'faded', 'expired', 'off']);
const Lesson = z.object({
  id: z.uuid(),
  repositoryId: z.uuid(),
  text: z.string(),
  source: z.enum(LESSON_SOURCES),
  state: States.describe('shown: a task that it fits is told of it.'),
  weight: z.number().describe('Now; it halves with time.'),
  confirmed: z.number().int(),
  refuted: z.number().int(),
  scope: LessonScope,
  evidence: z.array(LessonEvidence).describe('What it was learned from, the newest last.'),
  expiresAt: instant.nullable(),
  createdAt: instant,
});
const Detail = Lesson.extend({
  runs: z
    .array(
      z.object({ run: z.uuid(), task: z.string(), state: z.string(), url: z.string().nullable(), shownAt: instant }),
    )
    .describe('The latest 50 runs that were shown it, the newest first.'),
});

const Text = z.string().trim().min(3).max(MAX_TEXT).describe('What the models are told.');
const Scope = z.strictObject({
  module: z.string().min(1).max(200).optional(),
  language: z.string().min(1).max(50).optional(),
  paths: z.array(z.string().min(1).max(500)).max(20).default([]),
});
const reason = z.string().max(500).optional().describe('Why; it is put on record.');
const params = z.object({ id: z.uuid() });

/** Lessons: list, show with evidence, add, edit, retire, restore. What the command line does, by the same functions. */
export const lessonRoutes: FastifyPluginAsyncZod<ApiContext> = async (app, { db }) => {
  app.get(
    '/lessons',
    {
      schema: {
        querystring: z.object({
          repository: z.uuid().optional().describe('Id. Absent: all.'),
          state: States.optional().describe('Absent: all.'),
        }),
        response: { 200: z.object({ lessons: z.array(Lesson).describe('Of each repository, the heaviest first.') }) },
      },
    },
    async ({ query: { repository, state } }) => {
      if (repository !== undefined) await requireRepository(db, { id: repository });
      const where = repository === undefined ? {} : { id: repository };
      const repositories = await db.repository.findMany({ where, orderBy: { createdAt: 'asc' } });
      const lists = await Promise.all(
        repositories.map(async ({ id }) => listLessons(db, id, await rememberedHalfLife(db, id))),
      );
      return {
        lessons: lists
          .flat()
          .filter((each) => state === undefined || each.state === state)
          .map(toShape),
      };
    },
  );

  app.get('/lessons/:id', { schema: { params, response: { 200: Detail } } }, ({ params: { id } }) => detail(id));

  app.post(
    '/lessons',
    {
      schema: {
        body: z.strictObject({ repository: z.uuid().describe('Id.'), text: Text, scope: Scope.prefault({}), reason }),
        response: { 201: Detail },
      },
    },
    async ({ body: { repository: repositoryId, text, scope, reason: why } }, reply) => {
      await requireRepository(db, { id: repositoryId });
      const author = { actor: 'api', reason: why };
      const id = await addLesson(db, { repositoryId, text, scope }, await rememberedHalfLife(db, repositoryId), author);
      return reply.code(201).send(await detail(id));
    },
  );

  app.patch(
    '/lessons/:id',
    {
      schema: {
        params,
        body: z
          .strictObject({
            text: Text.optional(),
            scope: Scope.optional(),
            weight: z.number().min(0).max(MAX_WEIGHT).optional(),
            expiresAt: z.iso.datetime({ offset: true }).nullable().optional().describe('null: never.'),
            reason,
          })
          .refine(({ reason: _, ...change }) => Object.keys(change).length > 0, 'name what to change'),
        response: { 200: Detail },
      },
    },
    async ({ params: { id }, body: { reason: why, expiresAt, ...change } }) => {
      const until = typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt;
      await changeLesson(db, id, { ...change, expiresAt: until }, { actor: 'api', reason: why });
      return detail(id);
    },
  );

  for (const [path, off] of [
    ['/lessons/:id/retire', true],
    ['/lessons/:id/restore', false],
  ] as const) {
    app.post(path, { schema: { params, body: Interference, response: { 200: Detail } } }, async (request) => {
      const { id } = request.params;
      await changeLesson(db, id, { off }, { actor: 'api', reason: request.body?.reason });
      return detail(id);
    });
  }

  async function detail(id: string): Promise<z.infer<typeof Detail>> {
    const row = await lessonRow(db, id);
    const view = viewOf(row, await rememberedHalfLife(db, row.repositoryId ?? ''), new Date());
    const runs = await shownTo(db, id);
    return { ...toShape(view), runs: runs.map((run) => ({ ...run, shownAt: run.shownAt.toISOString() })) };
  }
};

const toShape = ({ evidence, expiresAt, createdAt, ...view }: LessonView): z.infer<typeof Lesson> => ({
  ...view,
  evidence: [...evidence],
  expiresAt: expiresAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
