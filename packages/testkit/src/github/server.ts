import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';
import { appRoutes, type TestApp } from './app-routes.ts';
import { checkRoutes } from './check-routes.ts';
import { type Compared, compareWithDescription } from './conformance/conformance.ts';
import { gitRefs } from './git-refs.ts';
import { gitRoutes } from './git-routes.ts';
import { checkGrants, type Grants } from './grants.ts';
import { issueRoutes } from './issue-routes.ts';
import { errorJson, repositoryJson, userJson } from './json.ts';
import { type People, people } from './people.ts';
import { pullRoutes } from './pull-routes.ts';
import { refRoutes } from './ref-routes.ts';
import { renaming } from './renaming.ts';
import type { Comment, Issue, Pull, RepositoryState } from './repository-state.ts';
import { wholeIssueRoutes } from './whole-issue-routes.ts';

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
  /** An App whose installation's tokens are accepted as well. Absent: there is none. */
  readonly app?: TestApp;
  readonly port?: number;
  /** What is compared with GitHub's own description: `close` throws where something departed from it. Default: nothing. */
  readonly compared?: Compared;
}

export interface GitHubServer extends RunningServer {
  readonly requests: readonly RecordedRequest[];
  /** From GitHub's description of its API, as far as they are compared. */
  readonly departures: readonly string[];
  readonly pulls: readonly Readonly<Pull>[];
  readonly issues: readonly Readonly<Issue>[];
  /** Of pull requests and issues. */
  readonly comments: readonly Readonly<Comment>[];
  readonly people: People;
  readonly faults: Faults;
  /** What the token may do, pushes to `${url}/${owner}/${repository}.git` included. */
  readonly grants: Grants;
  readonly installed: Pick<ReturnType<typeof appRoutes>, 'tokens' | 'revoke'>;
}

/** A server that speaks GitHub's REST API, as far as publishing uses it. `url` is what GITHUB_API_URL takes. */
export async function startGitHubServer(options: GitHubServerOptions): Promise<GitHubServer> {
  const state: RepositoryState = {
    owner: options.owner,
    name: options.repository,
    archived: false,
    defaultBranch: options.defaultBranch ?? 'main',
    login: options.login ?? (options.app ? `${options.app.slug}[bot]` : 'orchestrator[bot]'),
    pulls: [],
    issues: [],
    comments: [],
    reviews: [],
    lineComments: [],
    checks: [],
    permissions: new Map([['maintainer', 'write']]),
    labels: [],
    nextNumber: 1,
    nextId: 1,
  };
  const names = renaming(state);
  const app = createApp(names.rewrite);
  const requests = recordRequests(app);
  const refs = gitRefs(options.gitDirectory);
  let url = '';
  const departures = options.compared === undefined ? [] : compareWithDescription(app, options.compared);

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
    const problem = installed.problemOf(request, token);
    const anyToken = options.token === undefined && options.app === undefined;
    if (problem === null && !anyToken && token !== options.token && !installed.isToken(token))
      return reply.code(401).send(errorJson(401, 'Bad credentials'));
    if (problem) return reply.code(401).send(errorJson(401, problem));
    if (!request.headers['user-agent'])
      return reply.code(403).send(errorJson(403, 'Request forbidden by administrative rules.'));
  });
  const grants = checkGrants(app);
  const faults = scriptFaults(app);

  const installed = appRoutes(app, state, options.app);
  names.routes(app, () => url);
  app.get('/user', async () => userJson(state.login));
  app.get(`/repos/${state.owner}/${state.name}`, async () => repositoryJson(state, url));
  refRoutes(app, state, refs);
  pullRoutes(app, state, refs, () => url);
  issueRoutes(app, state, () => url);
  wholeIssueRoutes(app, state, () => url);
  checkRoutes(app, state);
  app.get<{ Params: { user: string } }>(
    `/repos/${state.owner}/${state.name}/collaborators/:user/permission`,
    async (request) => {
      const permission = state.permissions.get(request.params.user) ?? 'none';
      return { permission, role_name: permission, user: userJson(request.params.user) };
    },
  );
  gitRoutes(app, state, options.gitDirectory);

  const server = await listen(app, options.port ?? 0);
  url = server.url;
  const close = async () => {
    await server.close();
    if (departures.length > 0) throw new Error(`not as GitHub describes its API:\n${departures.join('\n')}`);
  };
  return {
    url,
    close,
    departures,
    requests,
    pulls: state.pulls,
    issues: state.issues,
    comments: state.comments,
    people: people(state, refs, names.rename),
    faults,
    grants,
    installed,
  };
}

/** The API takes it as a bearer, git as the password of any user. */
function tokenOf(authorization = ''): string | undefined {
  const basic = /^basic (.+)$/i.exec(authorization)?.[1];
  if (basic) return Buffer.from(basic, 'base64').toString('utf8').split(':')[1];
  return /^(?:token|bearer) (.+)$/i.exec(authorization)?.[1];
}
