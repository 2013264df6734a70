import type { AllowedMentionsTypes, APIEmbed, RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';
import { z } from 'zod';
import type { SendResult } from '../channel.ts';

const TIMEOUT_MS = 10_000;
/** Where Discord says nothing of how long to wait. */
const DEFAULT_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60 * 60_000;
const NO_MENTIONS: AllowedMentionsTypes[] = [];

/** Seconds as a fraction. */
const RateLimited = z.object({ retry_after: z.number().nonnegative() });
const Refused = z.object({ code: z.number().optional(), message: z.string() });

/** Posts one embed to a webhook. The address is a secret: it is in no reason. Never throws for what the server does. */
export async function postEmbed(webhookUrl: string, embed: APIEmbed, signal: AbortSignal): Promise<SendResult> {
  const url = new URL(webhookUrl);
  // Discord answers once the message exists; without this it answers before.
  url.searchParams.set('wait', 'true');
  const body: RESTPostAPIWebhookWithTokenJSONBody = { embeds: [embed], allowed_mentions: { parse: NO_MENTIONS } };
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // Another address than the configured one gets nothing.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    answer = await response.text();
  } catch (error) {
    const reason = signal.aborted ? 'this process stopped before' : networkReason(error);
    return { kind: 'failed', reason: `Discord did not answer: ${reason}` };
  }
  if (response.ok) return { kind: 'sent', pauseMs: pauseAfter(response.headers) };
  if (response.status === 429) return limited(response.headers, answer);
  if (response.status >= 500 || response.status === 408)
    return { kind: 'failed', reason: `Discord answered ${response.status}` };
  return { kind: 'refused', reason: `Discord answered ${response.status}${detail(answer)}` };
}

/** The code of the network's error: its message may hold the address. */
function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}

function limited(headers: Headers, answer: string): SendResult {
  const asked = RateLimited.safeParse(json(answer));
  const seconds = asked.success ? asked.data.retry_after : Number(headers.get('retry-after') ?? Number.NaN);
  const waitMs = Number.isFinite(seconds) ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS;
  return { kind: 'limited', waitMs, reason: `Discord asks to wait ${waitMs} ms` };
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
