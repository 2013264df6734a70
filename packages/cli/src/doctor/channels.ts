import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { ask } from './ask.ts';
import { type Check, type Diagnosis, fail, failed, ok, warn } from './check.ts';

/** GitHub and Discord: optional, so an absent one is no fault. Nothing is posted. */
export const channels: Check = async ({ env, signal }) => Promise.all([github(env, signal), discord(env, signal)]);

async function github(
  { GITHUB_TOKEN: token, GITHUB_API_URL: api }: Environment,
  signal: AbortSignal,
): Promise<Diagnosis> {
  if (token === undefined) return ok('GITHUB_TOKEN', 'not set: changes stay on local branches');
  const answer = await ask(
    `${api.replace(/\/$/, '')}/rate_limit`,
    { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'user-agent': 'ai-orchestrator' },
    signal,
  );
  if (answer.kind === 'silence')
    return fail(
      'GITHUB_TOKEN',
      `${new URL(api).host} cannot be reached: ${answer.reason}`,
      'Check your network and GITHUB_API_URL.',
      4,
    );
  if (answer.status === 401 || answer.status === 403)
    return failed('GITHUB_TOKEN', new AppError('KEY_REJECTED', { provider: 'GitHub', variable: 'GITHUB_TOKEN' }));
  if (answer.status !== 200)
    return warn('GITHUB_TOKEN', `${new URL(api).host} answered ${answer.status}`, 'Check GITHUB_API_URL.');
  const scopes = answer.headers.get('x-oauth-scopes');
  if (scopes !== null && !scopes.split(/,\s*/).some((scope) => scope === 'repo' || scope === 'public_repo'))
    return warn(
      'GITHUB_TOKEN',
      `its scopes (${scopes || 'none'}) do not let it push`,
      'Give it the scope "repo", or use a fine-grained token with contents and pull requests.',
    );
  return ok('GITHUB_TOKEN', `accepted by ${new URL(api).host}`);
}

async function discord({ DISCORD_WEBHOOK_URL: url }: Environment, signal: AbortSignal): Promise<Diagnosis> {
  if (url === undefined) return ok('DISCORD_WEBHOOK_URL', 'not set: no news are sent');
  const answer = await ask(url, {}, signal);
  if (answer.kind === 'silence')
    return warn(
      'DISCORD_WEBHOOK_URL',
      `${new URL(url).host} cannot be reached: ${answer.reason}`,
      'Runs go on without news. Check the address.',
    );
  if (answer.status === 200)
    return ok('DISCORD_WEBHOOK_URL', `${new URL(url).host} knows it; send a message with: orchestrator notify test`);
  return warn(
    'DISCORD_WEBHOOK_URL',
    `${new URL(url).host} answered ${answer.status}`,
    'Was the webhook deleted? Copy its address again.',
  );
}
