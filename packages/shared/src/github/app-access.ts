import { createAppAuth } from '@octokit/auth-app';
import { AppError } from '../errors/app-error.ts';
import type { GitHubAccess } from './access.ts';
import type { GitHubAddress } from './address.ts';
import { openGitHub } from './client.ts';
import { failureOf, githubError } from './github-error.ts';
import type { GitHubEnvironment } from './has-github.ts';

/** A token that ends sooner is replaced: a push begun with it would end without it. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** An App may be removed and installed again under another number. */
const REMEMBER_INSTALLATION_MS = 10 * 60_000;

/**
 * GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY: the key signs who we are, and GitHub gives tokens of an hour for the
 * installation that holds a repository, which is asked for unless GITHUB_APP_INSTALLATION_ID names it.
 */
export function appAccess(env: GitHubEnvironment): GitHubAccess {
  const apiUrl = env.GITHUB_API_URL;
  const { auth, asApp } = openApp(env);
  const installations = new Map<string, { readonly id: Promise<number>; readonly until: number }>();
  let login: Promise<string | null> | undefined;
  /** A token ends early where the App is removed or suspended. */
  let refused: string | undefined;

  function installationOf(at: GitHubAddress): Promise<number> {
    if (env.GITHUB_APP_INSTALLATION_ID !== undefined) return Promise.resolve(env.GITHUB_APP_INSTALLATION_ID);
    const key = `${at.owner}/${at.repo}`.toLowerCase();
    const known = installations.get(key);
    if (known && known.until > performance.now()) return known.id;
    const id = asApp.apps.getRepoInstallation({ ...at }).then(({ data }) => data.id);
    installations.set(key, { id, until: performance.now() + REMEMBER_INSTALLATION_MS });
    id.catch(() => installations.delete(key));
    return id;
  }

  async function token(at: GitHubAddress): Promise<string> {
    try {
      const installationId = await installationOf(at);
      const current = await auth({ type: 'installation', installationId });
      const lasts = Date.parse(current.expiresAt) - Date.now() > RENEW_BEFORE_MS;
      if (lasts && current.token !== refused) return current.token;
      return (await auth({ type: 'installation', installationId, refresh: true })).token;
    } catch (error) {
      throw appError(error, at);
    }
  }

  return {
    kind: 'app',
    token,
    client(at) {
      let used: string | undefined;
      const github = openGitHub(apiUrl, async () => {
        used = await token(at);
        return `token ${used}`;
      });
      github.hook.error('request', (error) => {
        if (failureOf(error)?.status !== 401) throw error;
        refused = used;
        throw keyRejected(error);
      });
      return github;
    },
    login() {
      login ??= asApp.apps.getAuthenticated().then(
        ({ data }) => (data?.slug ? `${data.slug}[bot]` : null),
        () => {
          login = undefined;
          return null;
        },
      );
      return login;
    },
  };
}

/** What GitHub says of the App: its name, and the accounts that it is installed for. Throws as `token` does. */
export async function describeApp(env: GitHubEnvironment): Promise<{ slug: string; accounts: string[] }> {
  const { asApp } = openApp(env);
  try {
    const { data } = await asApp.apps.getAuthenticated();
    const installations = await asApp.paginate(asApp.apps.listInstallations, { per_page: 100 });
    const accounts = installations.flatMap(({ account }) =>
      account !== null && 'login' in account ? [account.login] : [],
    );
    return { slug: data?.slug ?? String(env.GITHUB_APP_ID), accounts };
  } catch (error) {
    throw appError(error, { owner: 'app', repo: String(env.GITHUB_APP_ID) });
  }
}

function openApp({
  GITHUB_APP_ID: appId,
  GITHUB_APP_PRIVATE_KEY: privateKey,
  GITHUB_API_URL: apiUrl,
}: GitHubEnvironment) {
  if (appId === undefined || privateKey === undefined)
    throw new AppError('KEY_MISSING', { variable: appId === undefined ? 'GITHUB_APP_ID' : 'GITHUB_APP_PRIVATE_KEY' });
  const auth = createAppAuth({ appId, privateKey, request: openGitHub(apiUrl).request });
  return { auth, asApp: openGitHub(apiUrl, async () => `bearer ${(await auth({ type: 'app' })).token}`) };
}

function appError(error: unknown, at: GitHubAddress): unknown {
  if (error instanceof AppError) return error;
  const failure = failureOf(error);
  const repository = `${at.owner}/${at.repo}`;
  if (failure?.status === 404) return new AppError('GITHUB_APP_NOT_INSTALLED', { repository }, { cause: error });
  // Whatever is wrong with the key itself is found before anything is sent.
  if (failure === null && error instanceof Error && /key|PEM|DECODER|ASN/i.test(error.message))
    return keyRejected(error);
  if (failure?.status === 401) return keyRejected(error);
  return githubError(error, at, repository);
}

const keyRejected = (cause: unknown): AppError =>
  new AppError('KEY_REJECTED', { provider: 'GitHub', variable: 'GITHUB_APP_PRIVATE_KEY' }, { cause });
