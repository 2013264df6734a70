import { AppError } from '../errors/app-error.ts';
import type { GitHubAddress } from './address.ts';
import { appAccess } from './app-access.ts';
import { type GitHub, openGitHub } from './client.ts';
import type { GitHubEnvironment } from './has-github.ts';

/** Who this process is to GitHub: a token, or an App. What it holds of short-lived tokens is kept and renewed here. */
export interface GitHubAccess {
  readonly kind: 'token' | 'app';
  /** For git, as the password of `x-access-token`. Throws KEY_REJECTED, GITHUB_APP_NOT_INSTALLED, GitHubWait. */
  token(at: GitHubAddress): Promise<string>;
  /** The API in the name of the same token. It never retries by itself: what fails is mapped by githubError. */
  client(at: GitHubAddress): GitHub;
  /** Our own name: `name` or `name[bot]`; null where GitHub does not tell. */
  login(): Promise<string | null>;
}

const opened = new WeakMap<GitHubEnvironment, GitHubAccess>();

/** One access a process and environment. An App goes before a token. Throws KEY_MISSING. */
export function githubAccess(env: GitHubEnvironment): GitHubAccess {
  const known = opened.get(env);
  if (known) return known;
  const access = env.GITHUB_APP_ID === undefined ? tokenAccess(env) : appAccess(env);
  opened.set(env, access);
  return access;
}

function tokenAccess(env: GitHubEnvironment): GitHubAccess {
  const { GITHUB_TOKEN: token, GITHUB_API_URL: apiUrl } = env;
  if (token === undefined) throw new AppError('KEY_MISSING', { variable: 'GITHUB_TOKEN' });
  const github = openGitHub(apiUrl, async () => `token ${token}`);
  let login: Promise<string | null> | undefined;
  return {
    kind: 'token',
    token: async () => token,
    client: () => github,
    login() {
      // A token of GitHub Actions may not ask who it is.
      login ??= github.users.getAuthenticated().then(
        ({ data }) => data.login,
        () => null,
      );
      return login;
    },
  };
}
