import { basename, dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { runBackend } from '../git/git-backend.ts';

export interface GitAccess {
  /** Answers a push as GitHub does for a token that may only read. */
  readOnly: boolean;
}

/**
 * The repository itself at /owner/name.git, on the server's own address as on the platform: git's smart HTTP with the
 * token as password. The token is checked by the server's common hook.
 */
export function gitRoutes(app: FastifyInstance, at: { owner: string; name: string }, gitDirectory: string): GitAccess {
  const access: GitAccess = { readOnly: false };
  for (const type of ['upload-pack', 'receive-pack'])
    app.addContentTypeParser(`application/x-git-${type}-request`, (_request, payload, done) => done(null, payload));
  const root = dirname(gitDirectory);
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: `/${at.owner}/${at.name}.git/*`,
    handler: (request, reply) => {
      const pushes = `${request.url}`.includes('git-receive-pack');
      if (pushes && access.readOnly) return reply.code(403).send('Write access to repository not granted.');
      reply.hijack();
      const raw = request.raw;
      raw.url = `/${basename(gitDirectory)}/${request.params['*']}${raw.url?.match(/\?.*$/)?.[0] ?? ''}`;
      runBackend(root, raw, reply.raw);
    },
  });
  return access;
}
