import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';
import { checkRoutes } from './check-routes.ts';
import { gitRefs } from './git-refs.ts';
import { type GitAccess, gitRoutes } from './git-routes.ts';
import { issueRoutes } from './issue-routes.ts';
import { errorJson, repositoryJson, userJson } from './json.ts';
import { type People, people } from './people.ts';
import { pullRoutes } from './pull-routes.ts';
import { refRoutes } from './ref-routes.ts';
import type { Pull, RepositoryState } from './repository-state.ts';

export interface GitHubServerOptions {
  readonly owner: string;
  readonly repository: string;
  /** The bare repository on disk whose branches the server shows. Pushes go there directly. */
  readonly gitDirectory: string;
  readonly defaultBranch?: string;
  /** The only token that is accepted; absent: any. */
  readonly token?: string;
  /** Who the token belongs to. Default: orchestrator[bot]. */
  readonly login?: string;
  readonly port?: number;
}

export interface GitHubServer extends RunningServer {
  readonly requests: readonly RecordedRequest[];
  readonly pulls: readonly Readonly<Pull>[];
  readonly people: People;
  readonly faults: Faults;
  /** Of pushes and fetches at `${url}/${owner}/${repository}.git`. */
  readonly git: GitAccess;
}

/** A server that speaks GitHub's REST API, as far as publishing uses it. `url` is what GITHUB_API_URL takes. */
export async function startGitHubServer(options: GitHubServerOptions): Promise<GitHubServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const state: RepositoryState = {
    owner: options.owner,
    name: options.repository,
    defaultBranch: options.defaultBranch ?? 'main',
    login: options.login ?? 'orchestrator[bot]',
    pulls: [],
    comments: [],
    reviews: [],
    lineComments: [],
    checks: [],
    permissions: new Map([['maintainer', 'write']]),
    labels: [],
    nextNumber: 1,
    nextId: 1,
  };
  const refs = gitRefs(options.gitDirectory);
  let url = '';

  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send(errorJson(error.statusCode ?? 500, error.message)),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorJson(404, 'Not Found')));
  app.addHook('preHandler', async (request, reply) => {
    const token = tokenOf(request.headers.authorization);
    if (!token)
      return reply
        .code(401)
        .header('www-authenticate', 'Basic realm="GitHub"')
        .send(errorJson(401, 'Requires authentication'));
    if (options.token !== undefined && token !== options.token)
      return reply.code(401).send(errorJson(401, 'Bad credentials'));
    if (!request.headers['user-agent'])
      return reply.code(403).send(errorJson(403, 'Request forbidden by administrative rules.'));
  });
  const faults = scriptFaults(app);

  app.get('/user', async () => userJson(state.login));
  app.get(`/repos/${state.owner}/${state.name}`, async () => repositoryJson(state, url));
  refRoutes(app, state, refs);
  pullRoutes(app, state, refs, () => url);
  issueRoutes(app, state, () => url);
  checkRoutes(app, state);
  app.get<{ Params: { user: string } }>(
    `/repos/${state.owner}/${state.name}/collaborators/:user/permission`,
    async (request) => {
      const permission = state.permissions.get(request.params.user) ?? 'none';
      return { permission, role_name: permission, user: userJson(request.params.user) };
    },
  );
  const git = gitRoutes(app, state, options.gitDirectory);

  const server = await listen(app, options.port ?? 0);
  url = server.url;
  return { ...server, requests, pulls: state.pulls, people: people(state, refs), faults, git };
}

/** The API takes it as a bearer, git as the password of any user. */
function tokenOf(authorization = ''): string | undefined {
  const basic = /^basic (.+)$/i.exec(authorization)?.[1];
  if (basic) return Buffer.from(basic, 'base64').toString('utf8').split(':')[1];
  return /^(?:token|bearer) (.+)$/i.exec(authorization)?.[1];
}
