import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GitRefs } from './git-refs.ts';
import { errorJson } from './json.ts';
import type { RepositoryState } from './repository-state.ts';

const Sha = z.string().regex(/^[0-9a-f]{40}$/);
const Create = z.object({ ref: z.string().regex(/^refs\/[^/]+\/.+$/), sha: Sha });
const Update = z.object({ sha: Sha, force: z.boolean().default(false) });

/** Refs and branches, read from and written to the repository on disk. */
export function refRoutes(app: FastifyInstance, state: RepositoryState, refs: GitRefs): void {
  const root = `/repos/${state.owner}/${state.name}`;
  const refJson = (ref: string, sha: string) => ({ ref, node_id: ref, object: { type: 'commit', sha } });
  const missing = errorJson(404, 'Not Found');

  app.get<{ Params: { branch: string } }>(`${root}/branches/:branch`, async (request, reply) => {
    const { branch } = request.params;
    const sha = await refs.read(`heads/${branch}`);
    return sha
      ? { name: branch, commit: { sha }, protected: false }
      : reply.code(404).send(errorJson(404, 'Branch not found'));
  });

  app.get<{ Params: { '*': string } }>(`${root}/git/ref/*`, async (request, reply) => {
    const ref = request.params['*'];
    const sha = await refs.read(ref);
    return sha ? refJson(`refs/${ref}`, sha) : reply.code(404).send(missing);
  });

  app.get<{ Params: { '*': string } }>(`${root}/git/matching-refs/*`, async (request) =>
    (await refs.matching(request.params['*'])).map(({ ref, sha }) => refJson(ref, sha)),
  );

  app.post(`${root}/git/refs`, async (request, reply) => {
    const parsed = Create.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Reference does not exist'));
    const { ref, sha } = parsed.data;
    const name = ref.slice('refs/'.length);
    if (await refs.read(name)) return reply.code(422).send(errorJson(422, 'Reference already exists'));
    if (!(await refs.hasCommit(sha)) || !(await refs.write(name, sha)))
      return reply.code(422).send(errorJson(422, 'Object does not exist'));
    return reply.code(201).send(refJson(ref, sha));
  });

  app.patch<{ Params: { '*': string } }>(`${root}/git/refs/*`, async (request, reply) => {
    const name = request.params['*'];
    const parsed = Update.safeParse(request.body);
    if (!parsed.success) return reply.code(422).send(errorJson(422, 'Invalid request.'));
    const before = await refs.read(name);
    if (!before) return reply.code(422).send(errorJson(422, 'Reference does not exist'));
    const { sha, force } = parsed.data;
    if (!(await refs.hasCommit(sha))) return reply.code(422).send(errorJson(422, 'Object does not exist'));
    if (!force && !(await refs.isAncestor(before, sha)))
      return reply.code(422).send(errorJson(422, 'Update is not a fast forward'));
    await refs.write(name, sha);
    return refJson(`refs/${name}`, sha);
  });

  app.delete<{ Params: { '*': string } }>(`${root}/git/refs/*`, async (request, reply) => {
    const name = request.params['*'];
    if (!(await refs.read(name))) return reply.code(422).send(errorJson(422, 'Reference does not exist'));
    await refs.remove(name);
    return reply.code(204).send();
  });
}
