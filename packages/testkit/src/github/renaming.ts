import type { FastifyInstance } from 'fastify';
import type { RepositoryState } from './repository-state.ts';

/** The number by which redirects name the repository. */
export const REPOSITORY_ID = 1;
/** Where requests for an old name are led inside of the server. */
const STALE = '/stale';

/** The path as clients sent it, whatever it was led to. */
export const withoutDetour = (path: string): string => (path.startsWith(`${STALE}/`) ? path.slice(STALE.length) : path);

/**
 * A repository that was renamed or moved: it answers to its new name and to its number. Under the old name the API
 * redirects, with 301 what reads and with 307 what writes, and git is served as before, as GitHub does. The routes of the
 * server are those of the first name.
 */
export function renaming(state: RepositoryState) {
  const first = { owner: state.owner, name: state.name };
  const isRenamed = () => state.owner !== first.owner || state.name !== first.name;
  const after = (path: string, prefix: string): string | null =>
    path.startsWith(prefix) && /^$|^[/?]/.test(path.slice(prefix.length)) ? path.slice(prefix.length) : null;

  return {
    rename(owner: string, name: string) {
      state.owner = owner;
      state.name = name;
    },
    /** For Fastify's rewriteUrl. */
    rewrite(path: string): string {
      const api = `/repos/${first.owner}/${first.name}`;
      const git = `/${first.owner}/${first.name}.git`;
      const byNumber = after(path, `/repositories/${REPOSITORY_ID}`);
      if (byNumber !== null) return `${api}${byNumber}`;
      if (!isRenamed()) return path;
      const byName = after(path, `/repos/${state.owner}/${state.name}`);
      if (byName !== null) return `${api}${byName}`;
      const byGit = after(path, `/${state.owner}/${state.name}.git`);
      if (byGit !== null) return `${git}${byGit}`;
      return after(path, api) !== null ? `${STALE}${path}` : path;
    },
    routes(app: FastifyInstance, url: () => string) {
      app.all(`${STALE}/*`, async (request, reply) => {
        const path = withoutDetour(request.raw.url ?? '');
        const rest = after(path, `/repos/${first.owner}/${first.name}`);
        const code = request.method === 'GET' ? 301 : 307;
        const message = code === 301 ? 'Moved Permanently' : 'Temporary Redirect';
        const location = `${url()}/repositories/${REPOSITORY_ID}${rest}`;
        return reply.code(code).header('location', location).send({ message, url: location });
      });
    },
  };
}
