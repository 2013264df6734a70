import type { AllowedMentionsTypes, APIEmbed, RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';
import { z } from 'zod';
import type { SendResult } from '../channel.ts';
import { MAX_WAIT_MS, postJson } from '../http/post-json.ts';

const NO_MENTIONS: AllowedMentionsTypes[] = [];

/** Seconds as a fraction. */
const RateLimited = z.object({ retry_after: z.number().nonnegative() });
const Refused = z.object({ code: z.number().optional(), message: z.string() });

/** Posts one embed to a webhook. */
export function postEmbed(webhookUrl: string, embed: APIEmbed, signal: AbortSignal): Promise<SendResult> {
  const url = new URL(webhookUrl);
  // Discord answers once the message exists; without this it answers before.
  url.searchParams.set('wait', 'true');
  const body: RESTPostAPIWebhookWithTokenJSONBody = { embeds: [embed], allowed_mentions: { parse: NO_MENTIONS } };
  return postJson({
    who: 'Discord',
    url,
    body: JSON.stringify(body),
    signal,
    detail,
    retryAfterOf: (answer) => RateLimited.safeParse(json(answer)).data?.retry_after ?? null,
    pauseAfter,
  });
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
