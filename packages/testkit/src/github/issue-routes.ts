import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { commentJson, errorJson } from './json.ts';
import { sendPage } from './pages.ts';
import { now, type RepositoryState } from './repository-state.ts';

const Body = z.object({ body: z.string().min(1) });
const Labels = z.union([
  z.object({ labels: z.array(z.string()) }).transform(({ labels }) => labels),
  z.array(z.string()),
]);
const Label = z.object({
  name: z.string().min(1),
  color: z.string().default('ededed'),
  description: z.string().nullish(),
});

/** Comments and labels, which pull requests share with issues. */
export function issueRoutes(app: FastifyInstance, state: RepositoryState, url: () => string): void {
  const root = `/repos/${state.owner}/${state.name}`;
  const find = (number: string) => state.pulls.find((pull) => pull.number === Number(number));
  const labelJson = (name: string) => {
    const index = state.labels.findIndex((label) => label.name === name);
    return { id: index, color: 'ededed', description: null, ...state.labels[index], name };
  };

  app.get<{ Params: { number: string } }>(`${root}/issues/:number/comments`, (request, reply) =>
    sendPage(
      request,
      reply,
      url(),
      state.comments
        .filter((comment) => comment.number === Number(request.params.number))
        .map((comment) => commentJson(state, comment, url())),
    ),
  );

  app.post<{ Params: { number: string } }>(`${root}/issues/:number/comments`, async (request, reply) => {
    const pull = find(request.params.number);
    if (!pull) return reply.code(404).send(errorJson(404, 'Not Found'));
    const parsed = Body.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
    const comment = {
      id: state.nextId++,
      number: pull.number,
      body: parsed.data.body,
      by: state.login,
      createdAt: now(),
    };
    state.comments.push(comment);
    return reply.code(201).send(commentJson(state, comment, url()));
  });

  app.patch<{ Params: { id: string } }>(`${root}/issues/comments/:id`, async (request, reply) => {
    const comment = state.comments.find(({ id }) => id === Number(request.params.id));
    const parsed = Body.safeParse(request.body);
    if (!comment) return reply.code(404).send(errorJson(404, 'Not Found'));
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
    comment.body = parsed.data.body;
    return commentJson(state, comment, url());
  });

  app.get<{ Params: { number: string } }>(`${root}/issues/:number/labels`, async (request, reply) => {
    const pull = find(request.params.number);
    return pull
      ? sendPage(request, reply, url(), pull.labels.map(labelJson))
      : reply.code(404).send(errorJson(404, 'Not Found'));
  });

  for (const method of ['POST', 'PUT'] as const) {
    app.route<{ Params: { number: string } }>({
      method,
      url: `${root}/issues/:number/labels`,
      handler: async (request, reply) => {
        const pull = find(request.params.number);
        const parsed = Labels.safeParse(request.body);
        if (!pull) return reply.code(404).send(errorJson(404, 'Not Found'));
        if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
        // The API creates labels that it does not know.
        for (const name of parsed.data)
          if (!state.labels.some((label) => label.name === name))
            state.labels.push({ name, color: 'ededed', description: null });
        pull.labels = [...new Set([...(method === 'POST' ? pull.labels : []), ...parsed.data])];
        return pull.labels.map(labelJson);
      },
    });
  }

  app.delete<{ Params: { number: string; name: string } }>(
    `${root}/issues/:number/labels/:name`,
    async (request, reply) => {
      const pull = find(request.params.number);
      if (!pull?.labels.includes(request.params.name))
        return reply.code(404).send(errorJson(404, 'Label does not exist'));
      pull.labels = pull.labels.filter((label) => label !== request.params.name);
      return pull.labels.map(labelJson);
    },
  );

  app.get(`${root}/labels`, (request, reply) =>
    sendPage(
      request,
      reply,
      url(),
      state.labels.map(({ name }) => labelJson(name)),
    ),
  );

  app.get<{ Params: { name: string } }>(`${root}/labels/:name`, async (request, reply) =>
    state.labels.some(({ name }) => name === request.params.name)
      ? labelJson(request.params.name)
      : reply.code(404).send(errorJson(404, 'Not Found')),
  );

  app.post(`${root}/labels`, async (request, reply) => {
    const parsed = Label.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
    if (state.labels.some(({ name }) => name === parsed.data.name)) {
      return reply
        .code(422)
        .send(errorJson(422, 'Validation Failed', [{ resource: 'Label', code: 'already_exists', field: 'name' }]));
    }
    state.labels.push({ ...parsed.data, description: parsed.data.description ?? null });
    return reply.code(201).send(labelJson(parsed.data.name));
  });
}
