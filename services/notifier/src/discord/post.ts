import type {
  AllowedMentionsTypes,
  APIEmbed,
  RESTPatchAPIWebhookWithTokenMessageJSONBody,
  RESTPostAPIWebhookWithTokenJSONBody,
} from 'discord-api-types/v10';
import { z } from 'zod';
import type { ChannelMessage, SendResult } from '../channel.ts';
import { exchangeJson, MAX_WAIT_MS, type Posted } from '../http/post-json.ts';

const NO_MENTIONS: AllowedMentionsTypes[] = [];

export interface DiscordMessage {
  readonly embeds: readonly APIEmbed[];
  /** `role:<id>` or `user:<id>`, of the configuration; nobody else is called. */
  readonly mentions?: readonly string[];
  /** Begins a thread of this name, in a forum channel. */
  readonly threadName?: string;
}

/** What a request to a webhook came to. */
export interface DiscordAnswer {
  readonly result: SendResult;
  /** Discord's own number of a refusal. */
  readonly code: number | null;
  /** The message that was made. */
  readonly made: ChannelMessage | null;
}

/** Discord's numbers of refusals that we can do something about. */
export const UNKNOWN_CHANNEL = 10_003;
export const UNKNOWN_MESSAGE = 10_008;
export const NO_FORUM = 220_003;

/** Seconds as a fraction. */
const RateLimited = z.object({ retry_after: z.number().nonnegative() });
const Refused = z.object({ code: z.number().optional(), message: z.string() });
const Made = z.object({ id: z.string(), channel_id: z.string().optional() });

/** Makes a message, in a thread if one is given. */
export async function makeMessage(
  webhookUrl: string,
  { embeds, mentions = [], threadName }: DiscordMessage,
  threadId: string | null,
  signal: AbortSignal,
): Promise<DiscordAnswer> {
  const url = new URL(webhookUrl);
  // Discord answers once the message exists; without this it answers before.
  url.searchParams.set('wait', 'true');
  if (threadId !== null) url.searchParams.set('thread_id', threadId);
  const called = mentions
    .map((mention) => mention.replace('role:', '<@&').replace('user:', '<@'))
    .map((tag) => `${tag}>`);
  const body: RESTPostAPIWebhookWithTokenJSONBody = {
    ...(called.length === 0 ? {} : { content: called.join(' ') }),
    embeds: [...embeds],
    allowed_mentions: { parse: NO_MENTIONS, ...named(mentions) },
    ...(threadName === undefined ? {} : { thread_name: threadName }),
  };
  return answerOf(await exchange(url, 'POST', body, signal));
}

/** Replaces what a message says. Nobody is called by that. */
export async function editMessage(
  webhookUrl: string,
  { messageId, threadId }: ChannelMessage,
  embeds: readonly APIEmbed[],
  signal: AbortSignal,
): Promise<DiscordAnswer> {
  const url = new URL(webhookUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/messages/${encodeURIComponent(messageId)}`;
  if (threadId !== null) url.searchParams.set('thread_id', threadId);
  const body: RESTPatchAPIWebhookWithTokenMessageJSONBody = {
    embeds: [...embeds],
    allowed_mentions: { parse: NO_MENTIONS },
  };
  return answerOf(await exchange(url, 'PATCH', body, signal));
}

function named(mentions: readonly string[]): { roles?: string[]; users?: string[] } {
  const of = (kind: string) =>
    mentions.filter((mention) => mention.startsWith(kind)).map((mention) => mention.slice(kind.length));
  const [roles, users] = [of('role:'), of('user:')];
  return { ...(roles.length === 0 ? {} : { roles }), ...(users.length === 0 ? {} : { users }) };
}

const exchange = (url: URL, method: 'POST' | 'PATCH', body: object, signal: AbortSignal): Promise<Posted> =>
  exchangeJson({
    who: 'Discord',
    url,
    method,
    body: JSON.stringify(body),
    signal,
    detail,
    retryAfterOf: (answer) => RateLimited.safeParse(json(answer)).data?.retry_after ?? null,
    pauseAfter,
  });

function answerOf({ result, answer }: Posted): DiscordAnswer {
  const made = result.kind === 'sent' ? Made.safeParse(json(answer)).data : undefined;
  return {
    result,
    code: Refused.safeParse(json(answer)).data?.code ?? null,
    made: made === undefined ? null : { messageId: made.id, threadId: made.channel_id ?? null },
  };
}

/** The last message that the limit had room for: the next one waits until it is renewed. */
function pauseAfter(headers: Headers): number {
  const seconds = Number(headers.get('x-ratelimit-reset-after') ?? Number.NaN);
  return headers.get('x-ratelimit-remaining') === '0' && Number.isFinite(seconds)
    ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT_MS)
    : 0;
}

/** Discord's own words; a webhook's address is not among them. */
function detail(answer: string): string {
  const refused = Refused.safeParse(json(answer));
  return refused.success
    ? `: ${refused.data.message.slice(0, 200)}${refused.data.code ? ` (${refused.data.code})` : ''}`
    : '';
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
