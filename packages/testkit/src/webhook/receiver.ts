import { createHmac } from 'node:crypto';
import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';

export interface WebhookReceiver extends RunningServer {
  readonly webhookUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** Bodies whose signature was right, or all where there is no secret. */
  readonly taken: readonly unknown[];
  readonly faults: Faults;
}

/** Somebody's program that takes signed notices, as docs/notifications.md tells them to. */
export async function startWebhookReceiver(secret?: string): Promise<WebhookReceiver> {
  const app = createApp();
  const requests = recordRequests(app);
  const faults = scriptFaults(app);
  const taken: unknown[] = [];
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/hook', async (request, reply) => {
    const body = request.body as string;
    const signed = `sha256=${createHmac('sha256', secret ?? '')
      .update(body)
      .digest('hex')}`;
    if (secret !== undefined && request.headers['x-orchestrator-signature-256'] !== signed)
      return reply.code(401).send();
    taken.push(JSON.parse(body));
    return reply.code(204).send();
  });
  const server = await listen(app, 0);
  return { ...server, webhookUrl: `${server.url}/hook`, requests, taken, faults };
}
