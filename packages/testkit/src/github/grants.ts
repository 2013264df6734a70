import type { FastifyInstance } from 'fastify';
import { errorJson } from './json.ts';

/** What the token may do, as a fine-grained token is given it. Tests take rights away. */
export interface Grants {
  contents: 'write' | 'read';
  pull_requests: 'write' | 'read';
  issues: 'write' | 'read';
}

/** Writing without the right to is refused as GitHub refuses it, which names what is lacking in a header. */
export function checkGrants(app: FastifyInstance): Grants {
  const grants: Grants = { contents: 'write', pull_requests: 'write', issues: 'write' };
  app.addHook('preHandler', async (request, reply) => {
    const path = new URL(request.raw.url ?? '/', 'http://server').pathname;
    if (path.endsWith('/git-receive-pack') || request.url.includes('service=git-receive-pack')) {
      if (grants.contents === 'read') return reply.code(403).send('Write access to repository not granted.');
      return;
    }
    if (request.method === 'GET' || !path.startsWith('/repos/')) return;
    const accepted = acceptedFor(path).filter((name) => grants[name] === 'write');
    if (acceptedFor(path).length === 0 || accepted.length > 0) return;
    return reply
      .code(403)
      .header(
        'x-accepted-github-permissions',
        acceptedFor(path)
          .map((name) => `${name}=write`)
          .join('; '),
      )
      .send(errorJson(403, 'Resource not accessible by personal access token'));
  });
  return grants;
}

/** One of them is enough: pull requests share comments and labels with issues. */
function acceptedFor(path: string): readonly (keyof Grants)[] {
  if (/\/pulls(\/|$)/.test(path)) return ['pull_requests'];
  if (/\/issues(\/|$)/.test(path)) return ['issues', 'pull_requests'];
  return /\/git\/refs(\/|$)/.test(path) ? ['contents'] : [];
}
