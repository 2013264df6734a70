import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { ask } from './ask.ts';
import { type Check, type Diagnosis, ok, warn } from './check.ts';

/** Discord: optional, so an absent one is no fault. Nothing is posted. */
export const channels: Check = async ({ env, signal }) => [await discord(env, signal)];

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
