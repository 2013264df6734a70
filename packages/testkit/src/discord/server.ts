import { randomBytes, randomInt } from 'node:crypto';
import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';
import { problemOf, type WebhookMessage } from './limits.ts';

export interface DiscordServerOptions {
  readonly port?: number;
  /** Requests that are taken within a window; absent: any number. Discord takes about 5 in 2 seconds. */
  readonly rateLimit?: { readonly requests: number; readonly windowMs: number };
}

export interface DiscordServer extends RunningServer {
  /** What DISCORD_WEBHOOK_URL takes. */
  readonly webhookUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** The messages that were accepted, in order. */
  readonly messages: readonly WebhookMessage[];
  readonly faults: Faults;
  /** As when somebody deletes the webhook: 404 from now on. */
  readonly deleteWebhook: () => void;
}

/** A server that speaks Discord's webhooks: their limits, rate limits and errors. */
export async function startDiscordServer(options: DiscordServerOptions = {}): Promise<DiscordServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const faults = scriptFaults(app);
  const messages: WebhookMessage[] = [];
  const id = String(randomInt(2 ** 47));
  const token = randomBytes(51).toString('base64url');
  let exists = true;
  let window = { startMs: 0, taken: 0 };

  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ code: 0, message: error.message }),
  );

  const path = ['/api/webhooks/:id/:token', '/api/v10/webhooks/:id/:token'];
  for (const route of path) {
    app.get<{ Params: { id: string; token: string } }>(route, async (request, reply) => {
      if (!known(request.params)) return reply.code(404).send(UNKNOWN);
      return { id, type: 1, name: 'testkit', token, channel_id: '1', guild_id: '1', application_id: null };
    });
    app.post<{ Params: { id: string; token: string }; Querystring: { wait?: string } }>(
      route,
      async (request, reply) => {
        if (!known(request.params)) return reply.code(404).send(UNKNOWN);
        const waitMs = take();
        if (waitMs > 0) {
          const retryAfter = waitMs / 1000;
          return reply
            .code(429)
            .headers({
              'retry-after': String(Math.ceil(retryAfter)),
              'x-ratelimit-reset-after': String(retryAfter),
              'x-ratelimit-scope': 'user',
            })
            .send({ message: 'You are being rate limited.', retry_after: retryAfter, global: false });
        }
        const problem = problemOf(request.body);
        if (problem) return reply.code(400).send(problem);
        const message = request.body as WebhookMessage;
        messages.push(message);
        if (request.query.wait === 'true') return { id: String(messages.length), type: 0, ...message };
        return reply.code(204).send();
      },
    );
  }

  const known = (params: { id: string; token: string }) => exists && params.id === id && params.token === token;

  /** Counts a request; how long it has to wait, 0 where it is taken. */
  function take(): number {
    const { rateLimit } = options;
    if (!rateLimit) return 0;
    const nowMs = Date.now();
    if (nowMs - window.startMs >= rateLimit.windowMs) window = { startMs: nowMs, taken: 0 };
    if (window.taken >= rateLimit.requests) return window.startMs + rateLimit.windowMs - nowMs;
    window.taken += 1;
    return 0;
  }

  const { url, close } = await listen(app, options.port ?? 0);
  return {
    url,
    close,
    webhookUrl: `${url}/api/webhooks/${id}/${token}`,
    requests,
    messages,
    faults,
    deleteWebhook() {
      exists = false;
    },
  };
}

const UNKNOWN = { message: 'Unknown Webhook', code: 10015 };
