import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GitRefs } from './git-refs.ts';
import { commentJson, errorJson, listedPullJson, pullJson, reviewJson } from './json.ts';
import { sendPage } from './pages.ts';
import { now, type Pull, type RepositoryState } from './repository-state.ts';

const Create = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  draft: z.boolean().nullish(),
});
const Update = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
});

const Reviewers = z.object({
  reviewers: z.array(z.string()).default([]),
  team_reviewers: z.array(z.string()).default([]),
});

/** Pull requests: list, create, read, change, with their commits and reviews. */
export function pullRoutes(app: FastifyInstance, state: RepositoryState, refs: GitRefs, url: () => string): void {
  const root = `/repos/${state.owner}/${state.name}/pulls`;
  const find = (number: string) => state.pulls.find((pull) => pull.number === Number(number));
  const invalid = (message: string, field?: string) =>
    errorJson(422, 'Validation Failed', [
      { resource: 'PullRequest', ...(field ? { field, code: 'invalid' } : { code: 'custom', message }) },
    ]);
  const branchOf = (head: string) => (head.startsWith(`${state.owner}:`) ? head.slice(state.owner.length + 1) : head);

  /** An open pull request follows its branch. */
  async function refreshed(pull: Pull): Promise<Pull> {
    if (pull.state === 'open') pull.headSha = (await refs.read(`heads/${pull.head}`)) ?? pull.headSha;
    return pull;
  }

  app.get<{ Querystring: { state?: string; head?: string; base?: string } }>(root, async (request, reply) => {
    const { state: wanted = 'open', head, base } = request.query;
    // As the API does: a head without an owner filters nothing.
    const branch = head?.includes(':') ? branchOf(head) : undefined;
    const rows = state.pulls.filter(
      (pull) =>
        (wanted === 'all' || pull.state === wanted) &&
        (branch ?? pull.head) === pull.head &&
        (base ?? pull.base) === pull.base,
    );
    const shown = await Promise.all(rows.map(refreshed));
    return sendPage(request, reply, url(), shown.map((pull) => listedPullJson(state, pull, url())).reverse());
  });

  app.post(root, async (request, reply) => {
    const parsed = Create.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(invalid(parsed.error.message));
    const { title, base, body, draft } = parsed.data;
    const head = branchOf(parsed.data.head);
    const [headSha, baseSha] = await Promise.all([refs.read(`heads/${head}`), refs.read(`heads/${base}`)]);
    if (!headSha) return reply.code(422).send(invalid('', 'head'));
    if (!baseSha) return reply.code(422).send(invalid('', 'base'));
    if (state.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
      return reply.code(422).send(invalid(`A pull request already exists for ${state.owner}:${head}.`));
    }
    if ((await refs.commits(baseSha, headSha)).length === 0)
      return reply.code(422).send(invalid(`No commits between ${base} and ${head}`));
    const pull: Pull = {
      number: state.nextNumber++,
      title,
      body: body ?? '',
      state: 'open',
      draft: draft ?? false,
      conflicts: false,
      head,
      base,
      headSha,
      baseSha,
      mergedAt: null,
      closedAt: null,
      mergeCommitSha: null,
      labels: [],
      reviewers: [],
      by: state.login,
      createdAt: now(),
      updatedAt: now(),
    };
    state.pulls.push(pull);
    return reply.code(201).send(pullJson(state, pull, url()));
  });

  app.get<{ Params: { number: string } }>(`${root}/:number`, async (request, reply) => {
    const pull = find(request.params.number);
    return pull ? pullJson(state, await refreshed(pull), url()) : reply.code(404).send(errorJson(404, 'Not Found'));
  });

  app.patch<{ Params: { number: string } }>(`${root}/:number`, async (request, reply) => {
    const pull = find(request.params.number);
    if (!pull) return reply.code(404).send(errorJson(404, 'Not Found'));
    const parsed = Update.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(invalid(parsed.error.message));
    const { title, body, base, state: wanted } = parsed.data;
    if (wanted === 'open' && pull.mergedAt) return reply.code(422).send(invalid('', 'state'));
    pull.title = title ?? pull.title;
    pull.body = body ?? pull.body;
    pull.base = base ?? pull.base;
    if (wanted && wanted !== pull.state) {
      await refreshed(pull);
      pull.state = wanted;
      pull.closedAt = wanted === 'closed' ? now() : null;
    }
    pull.updatedAt = now();
    return pullJson(state, await refreshed(pull), url());
  });

  app.post<{ Params: { number: string } }>(`${root}/:number/requested_reviewers`, async (request, reply) => {
    const pull = find(request.params.number);
    if (!pull) return reply.code(404).send(errorJson(404, 'Not Found'));
    const parsed = Reviewers.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(invalid(parsed.error.message));
    if (parsed.data.reviewers.includes(pull.by))
      return reply.code(422).send(invalid('Review cannot be requested from pull request author.'));
    pull.reviewers = [...new Set([...pull.reviewers, ...parsed.data.reviewers])];
    return reply.code(201).send(listedPullJson(state, pull, url()));
  });

  app.get<{ Params: { number: string } }>(`${root}/:number/commits`, async (request, reply) => {
    const pull = find(request.params.number);
    if (!pull) return reply.code(404).send(errorJson(404, 'Not Found'));
    const { baseSha, headSha } = await refreshed(pull);
    const rows = await refs.commits(baseSha, headSha);
    return sendPage(
      request,
      reply,
      url(),
      rows.map(({ sha, message, author, email }) => ({ sha, commit: { message, author: { name: author, email } } })),
    );
  });

  app.get<{ Params: { number: string } }>(`${root}/:number/reviews`, (request, reply) =>
    sendPage(
      request,
      reply,
      url(),
      state.reviews
        .filter((review) => review.number === Number(request.params.number))
        .map((review) => reviewJson(state, review, url())),
    ),
  );

  app.get<{ Params: { number: string } }>(`${root}/:number/comments`, (request, reply) =>
    sendPage(
      request,
      reply,
      url(),
      state.lineComments
        .filter((comment) => comment.number === Number(request.params.number))
        .map((comment) => ({ ...commentJson(state, comment, url()), path: comment.path, line: comment.line })),
    ),
  );
}
