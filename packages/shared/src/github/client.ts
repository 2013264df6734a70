import { Octokit } from '@octokit/rest';
import type { Environment } from '../config/environment.ts';
import { AppError } from '../errors/app-error.ts';

export type GitHub = Octokit;

/** Longer than GitHub lets a request take (10 s). */
const REQUEST_TIMEOUT_MS = 30_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * The API at GITHUB_API_URL with GITHUB_TOKEN. It never retries by itself: what fails is mapped by githubError, and the
 * stage or loop that asked decides. Throws KEY_MISSING.
 */
export function openGitHub(env: Pick<Environment, 'GITHUB_TOKEN' | 'GITHUB_API_URL'>): GitHub {
  if (env.GITHUB_TOKEN === undefined) throw new AppError('KEY_MISSING', { variable: 'GITHUB_TOKEN' });
  return new Octokit({
    auth: env.GITHUB_TOKEN,
    baseUrl: env.GITHUB_API_URL.replace(/\/$/, ''),
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
}
