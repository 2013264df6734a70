import { Octokit } from '@octokit/rest';

export type GitHub = Octokit;

/** Longer than GitHub lets a request take (10 s). */
const REQUEST_TIMEOUT_MS = 30_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The API at GITHUB_API_URL. `authorization`: what the header says, asked for each request; absent: no header. */
export function openGitHub(apiUrl: string, authorization?: () => Promise<string>): GitHub {
  const github = new Octokit({
    baseUrl: apiUrl.replace(/\/$/, ''),
    userAgent: 'ai-orchestrator',
    log: silent,
    request: {
      fetch: (url: string, options: RequestInit = {}) => {
        const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
        return fetch(url, {
          ...options,
          signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        });
      },
    },
  });
  if (authorization)
    github.hook.before('request', async (options) => {
      options.headers.authorization = await authorization();
    });
  return github;
}
