import { createHmac } from 'node:crypto';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { defineChannel, type Notice, type SendResult } from '../channel.ts';
import { postJson } from '../http/post-json.ts';

/**
 * Any program that takes JSON: NOTIFY_WEBHOOK_URL. With NOTIFY_WEBHOOK_SECRET the body is signed. The delivery id is that
 * of the event, so a receiver can tell a repetition.
 */
export default defineChannel({
  id: 'webhook',
  gathers: false,
  configured: (env) => env.NOTIFY_WEBHOOK_URL !== undefined,
  send: ({ notices: [notice], env, signal }) => post(env, notice.type, String(notice.eventId), bodyOf(notice), signal),
  sendTest: (env, signal) => post(env, 'test', '0', { type: 'test', at: new Date().toISOString() }, signal),
});

function post(
  env: Environment,
  event: string,
  delivery: string,
  content: object,
  signal: AbortSignal,
): Promise<SendResult> {
  const body = JSON.stringify(content);
  const secret = env.NOTIFY_WEBHOOK_SECRET;
  const signature = secret === undefined ? null : createHmac('sha256', secret).update(body).digest('hex');
  return postJson({
    who: 'The webhook',
    url: env.NOTIFY_WEBHOOK_URL as string,
    body,
    signal,
    headers: {
      'user-agent': 'ai-orchestrator',
      'x-orchestrator-event': event,
      'x-orchestrator-delivery': delivery,
      ...(signature === null ? {} : { 'x-orchestrator-signature-256': `sha256=${signature}` }),
    },
  });
}

/** Amounts are nano-dollars as decimal text. */
const bodyOf = ({ eventId, type, at, data, repository, run }: Notice): object => ({
  id: String(eventId),
  type,
  at: at.toISOString(),
  data,
  repository,
  run: run === null ? null : { ...run, costNanoUsd: String(run.costNanoUsd) },
});
