import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { errorJson, issueJson } from './json.ts';
import { sendPage } from './pages.ts';
import { type Issue, now, type RepositoryState } from './repository-state.ts';

const Create = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  labels: z.array(z.string()).default([]),
});
const Update = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
});
const Question = z.object({
  query: z.string().regex(/issue\(number: \$number\) \{ editor \{ login \} \}/),
  variables: z.object({ owner: z.string(), repo: z.string(), number: z.number() }),
});

/** Issues themselves: list, create, read, change; and who edited one last, which only the GraphQL API tells. */
export function wholeIssueRoutes(app: FastifyInstance, state: RepositoryState, url: () => string): void {
  const root = `/repos/${state.owner}/${state.name}/issues`;
  const find = (number: string) => state.issues.find((issue) => issue.number === Number(number));

  app.get<{ Querystring: { state?: string; creator?: string } }>(root, (request, reply) => {
    const { state: wanted = 'open', creator } = request.query;
    const rows = state.issues.filter(
      (issue) => (wanted === 'all' || issue.state === wanted) && (creator ?? issue.by) === issue.by,
    );
    return sendPage(request, reply, url(), rows.map((issue) => issueJson(state, issue, url())).reverse());
  });

  app.post(root, async (request, reply) => {
    const parsed = Create.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
    const issue: Issue = {
      number: state.nextNumber++,
      title: parsed.data.title,
      body: parsed.data.body ?? '',
      state: 'open',
      by: state.login,
      editor: null,
      createdAt: now(),
      updatedAt: now(),
    };
    state.issues.push(issue);
    return reply.code(201).send(issueJson(state, issue, url()));
  });

  app.get<{ Params: { number: string } }>(`${root}/:number`, async (request, reply) => {
    const issue = find(request.params.number);
    return issue ? issueJson(state, issue, url()) : reply.code(404).send(errorJson(404, 'Not Found'));
  });

  app.patch<{ Params: { number: string } }>(`${root}/:number`, async (request, reply) => {
    const issue = find(request.params.number);
    if (!issue) return reply.code(404).send(errorJson(404, 'Not Found'));
    const parsed = Update.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Validation Failed'));
    const { title, body, state: wanted } = parsed.data;
    issue.title = title ?? issue.title;
    if (body !== undefined) issue.editor = state.login;
    issue.body = body ?? issue.body;
    issue.state = wanted ?? issue.state;
    issue.updatedAt = now();
    return issueJson(state, issue, url());
  });

  app.post('/graphql', async (request) => {
    const asked = Question.safeParse(request.body);
    if (!asked.success) return { errors: [{ message: 'this server knows no other question' }] };
    const issue = find(String(asked.data.variables.number));
    return { data: { repository: { issue: issue ? { editor: issue.editor && { login: issue.editor } } : null } } };
  });
}
