import { basename, dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { runBackend } from '../git/git-backend.ts';

/**
 * The repository itself at /owner/name.git, on the server's own address as on the platform: git's smart HTTP with the
 * token as password. The token and what it may do are checked by the server's common hooks.
 */
export function gitRoutes(app: FastifyInstance, at: { owner: string; name: string }, gitDirectory: string): void {
  for (const type of ['upload-pack', 'receive-pack'])
    app.addContentTypeParser(`application/x-git-${type}-request`, (_request, payload, done) => done(null, payload));
  const root = dirname(gitDirectory);
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: `/${at.owner}/${at.name}.git/*`,
    handler: (request, reply) => {
      reply.hijack();
      const raw = request.raw;
      raw.url = `/${basename(gitDirectory)}/${request.params['*']}${raw.url?.match(/\?.*$/)?.[0] ?? ''}`;
      runBackend(root, raw, reply.raw);
    },
  });
}
