import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { defineChannel, type SendResult } from '../channel.ts';
import { postJson } from '../http/post-json.ts';
import { slackMessage, slackTest } from '../slack/message.ts';

/** Slack names the mistake in one word, such as no_service or invalid_blocks. */
const detail = (answer: string): string => (/^[a-z_]{1,60}$/.test(answer) ? `: ${answer}` : '');

const post = ({ SLACK_WEBHOOK_URL: url }: Environment, message: object, signal: AbortSignal): Promise<SendResult> =>
  postJson({ who: 'Slack', url: url as string, body: JSON.stringify(message), signal, detail });

/**
 * A Slack incoming webhook: SLACK_WEBHOOK_URL. Without it Slack is silent. Such a webhook tells nothing of the messages that
 * it makes, so that they can neither be updated nor be kept in threads.
 */
export default defineChannel({
  id: 'slack',
  gathers: true,
  configured: (env) => env.SLACK_WEBHOOK_URL !== undefined,
  send: ({ notices, rules, env, signal }) => post(env, slackMessage(notices, rules.mentions), signal),
  sendTest: (env, signal) => post(env, slackTest(), signal),
});
