import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { GitHubEnvironment } from '@orchestrator/shared/github/has-github.ts';
import { ask } from './ask.ts';
import { type Check, type Diagnosis, fail, failed, ok, warn } from './check.ts';

/** The token or the App that pull requests are opened with: optional, so an absent one is no fault. */
export const github: Check = async ({ env, signal }) => {
  const diagnoses: Diagnosis[] = [];
  if (env.GITHUB_APP_ID !== undefined) diagnoses.push(await app(env));
  if (env.GITHUB_TOKEN !== undefined || env.GITHUB_APP_ID === undefined) diagnoses.push(await token(env, signal));
  return diagnoses;
};

async function app(env: GitHubEnvironment): Promise<Diagnosis> {
  const { host } = new URL(env.GITHUB_API_URL);
  try {
    // Loaded where it is used: the client takes megabytes.
    const { describeApp } = await import('@orchestrator/shared/github/app-access.ts');
    const { slug, accounts } = await describeApp(env);
    if (accounts.length === 0)
      return warn(
        'GITHUB_APP_ID',
        `${host} knows it as ${slug}, and it is installed nowhere`,
        'Install it for your repositories (docs/github.md).',
      );
    return ok('GITHUB_APP_ID', `${host} knows it as ${slug}, installed for ${accounts.join(', ')}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code === 'PUBLISH_FAILED'
      ? fail('GITHUB_APP_ID', `${host}: ${error.detail.reason}`, 'Check your network and GITHUB_API_URL.', 4)
      : failed('GITHUB_APP_ID', error);
  }
}

async function token(env: GitHubEnvironment, signal: AbortSignal): Promise<Diagnosis> {
  const { GITHUB_TOKEN: value, GITHUB_API_URL: api } = env;
  if (value === undefined) return ok('GITHUB_TOKEN', 'not set: changes stay on local branches');
  const { host } = new URL(api);
  const answer = await ask(
    `${api.replace(/\/$/, '')}/rate_limit`,
    { authorization: `Bearer ${value}`, accept: 'application/vnd.github+json', 'user-agent': 'ai-orchestrator' },
    signal,
  );
  if (answer.kind === 'silence')
    return fail(
      'GITHUB_TOKEN',
      `${host} cannot be reached: ${answer.reason}`,
      'Check your network and GITHUB_API_URL.',
      4,
    );
  if (answer.status === 401 || answer.status === 403)
    return failed('GITHUB_TOKEN', new AppError('KEY_REJECTED', { provider: 'GitHub', variable: 'GITHUB_TOKEN' }));
  if (answer.status !== 200) return warn('GITHUB_TOKEN', `${host} answered ${answer.status}`, 'Check GITHUB_API_URL.');
  const scopes = answer.headers.get('x-oauth-scopes');
  if (scopes !== null && !scopes.split(/,\s*/).some((scope) => scope === 'repo' || scope === 'public_repo'))
    return warn(
      'GITHUB_TOKEN',
      `its scopes (${scopes || 'none'}) do not let it push`,
      'Give it the scope "repo", or use a fine-grained token with contents and pull requests.',
    );
  return ok('GITHUB_TOKEN', `accepted by ${host}`);
}
