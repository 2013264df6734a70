import { randomBytes, randomInt } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';
import { problemOf, type WebhookMessage } from './limits.ts';
import { countRequests, type RateLimit } from './rate-limit.ts';

export interface DiscordServerOptions {
  readonly port?: number;
  /** Of the webhook; absent: any number. */
  readonly rateLimit?: RateLimit;
  /** Of everything that the sender asks of Discord. */
  readonly globalLimit?: RateLimit;
  /** Of the webhook's channel. A forum takes threads only. Default text. */
  readonly channel?: 'text' | 'forum';
  /** Ids of threads that people have begun. */
  readonly threads?: readonly string[];
}

/** A message as it is now. */
export type PostedMessage = WebhookMessage & { readonly id: string; readonly channelId: string };

export interface DiscordServer extends RunningServer {
  /** What DISCORD_WEBHOOK_URL takes. */
  readonly webhookUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** The messages that were accepted, in order, each as it was first. */
  readonly messages: readonly WebhookMessage[];
  /** The same, as they are after all edits. */
  readonly posted: readonly PostedMessage[];
  /** The names of the threads that messages began, by id. */
  readonly threads: ReadonlyMap<string, string>;
  readonly faults: Faults;
  /** As when somebody deletes the webhook: 404 from now on. */
  readonly deleteWebhook: () => void;
  /** As when somebody deletes a message, or a thread. */
  readonly delete: (id: string) => void;
}

type Params = { id: string; token: string; message?: string };
type Request = FastifyRequest<{ Params: Params; Querystring: { wait?: string; thread_id?: string } }>;

const CHANNEL = '900000000000000001';
const UNKNOWN_WEBHOOK = { message: 'Unknown Webhook', code: 10015 };
const UNKNOWN_MESSAGE = { message: 'Unknown Message', code: 10008 };
const UNKNOWN_CHANNEL = { message: 'Unknown Channel', code: 10003 };

/** A server that speaks Discord's webhooks: their limits, which it enforces on each request, rate limits and errors. */
export async function startDiscordServer(options: DiscordServerOptions = {}): Promise<DiscordServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const faults = scriptFaults(app);
  const messages: WebhookMessage[] = [];
  const posted: PostedMessage[] = [];
  const threads = new Map<string, string>(options.threads?.map((thread) => [thread, 'A thread of people']));
  const id = String(randomInt(2 ** 47));
  const token = randomBytes(51).toString('base64url');
  const ofRoute = countRequests(options.rateLimit, 'webhook');
  const ofAll = countRequests(options.globalLimit, 'global');
  let exists = true;

  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ code: 0, message: error.message }),
  );

  /** false: it has been answered. */
  function admitted({ params }: Request, reply: FastifyReply): boolean {
    if (!exists || params.id !== id || params.token !== token) {
      reply.code(404).send(UNKNOWN_WEBHOOK);
      return false;
    }
    const global = ofAll();
    const route = ofRoute();
    if (global.waitMs === 0) reply.headers(route.headers);
    const limited = global.waitMs > 0 ? global : route;
    if (limited.waitMs === 0) return true;
    const retryAfter = limited.waitMs / 1000;
    const isGlobal = limited === global;
    reply
      .code(429)
      .headers({
        'retry-after': String(Math.ceil(retryAfter)),
        ...(isGlobal ? { 'x-ratelimit-global': 'true' } : {}),
        'x-ratelimit-scope': isGlobal ? 'global' : 'user',
      })
      .send({ message: 'You are being rate limited.', retry_after: retryAfter, global: isGlobal });
    return false;
  }

  /** The channel or thread that a message goes to, or why it cannot. */
  function placeOf({ thread_name: name }: WebhookMessage, threadId: string | undefined) {
    if (threadId !== undefined && !threads.has(threadId)) return { status: 404, problem: UNKNOWN_CHANNEL };
    if (options.channel === 'forum' && threadId === undefined && name === undefined)
      return {
        status: 400,
        problem: { code: 220001, message: 'Webhooks posted to forum channels must have a thread_name or thread_id' },
      };
    if (options.channel === 'forum' && threadId !== undefined && name !== undefined)
      return {
        status: 400,
        problem: {
          code: 220002,
          message: 'Webhooks posted to forum channels cannot have both a thread_name and thread_id',
        },
      };
    if (options.channel !== 'forum' && name !== undefined)
      return { status: 400, problem: { code: 220003, message: 'Webhooks can only create threads in forum channels' } };
    const made = String(randomInt(2 ** 47));
    if (name !== undefined) threads.set(made, name);
    return { channelId: threadId ?? (name === undefined ? CHANNEL : made) };
  }

  for (const base of ['/api/webhooks/:id/:token', '/api/v10/webhooks/:id/:token']) {
    app.get<{ Params: Params }>(base, async (request, reply) => {
      if (!admitted(request as Request, reply)) return reply;
      return { id, type: 1, name: 'testkit', token, channel_id: CHANNEL, guild_id: '1', application_id: null };
    });
    app.post(base, async (request: Request, reply) => {
      if (!admitted(request, reply)) return reply;
      const problem = problemOf(request.body);
      if (problem) return reply.code(400).send(problem);
      const message = request.body as WebhookMessage;
      const place = placeOf(message, request.query.thread_id);
      if ('problem' in place) return reply.code(place.status ?? 400).send(place.problem);
      const { channelId } = place;
      messages.push(message);
      const made = { ...message, id: String(messages.length), channelId };
      posted.push(made);
      return request.query.wait === 'true' ? shown(made) : reply.code(204).send();
    });
    app.patch(`${base}/messages/:message`, async (request: Request, reply) => {
      if (!admitted(request, reply)) return reply;
      const problem = problemOf(request.body, true);
      if (problem) return reply.code(400).send(problem);
      const at = posted.findIndex((each) => each.id === request.params.message);
      const before = posted[at];
      if (before === undefined) return reply.code(404).send(UNKNOWN_MESSAGE);
      // A message of a thread is found only through it.
      if (before.channelId !== (request.query.thread_id ?? CHANNEL)) return reply.code(404).send(UNKNOWN_MESSAGE);
      const after = { ...before, ...(request.body as WebhookMessage) };
      posted[at] = after;
      return shown(after);
    });
  }

  const { url, close } = await listen(app, options.port ?? 0);
  return {
    url,
    close,
    webhookUrl: `${url}/api/webhooks/${id}/${token}`,
    requests,
    messages,
    posted,
    threads,
    faults,
    deleteWebhook() {
      exists = false;
    },
    delete(gone) {
      threads.delete(gone);
      const at = posted.findIndex((each) => each.id === gone);
      if (at >= 0) posted.splice(at, 1);
    },
  };
}

const shown = ({ id, channelId, ...message }: PostedMessage): object => ({
  id,
  type: 0,
  channel_id: channelId,
  ...message,
});
