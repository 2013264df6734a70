import type { SendResult } from '../channel.ts';

const TIMEOUT_MS = 10_000;
/** Where a server says nothing of how long to wait. */
const DEFAULT_WAIT_MS = 5_000;
export const MAX_WAIT_MS = 60 * 60_000;

export interface PostOptions {
  /** Whose name stands in reasons. */
  readonly who: string;
  /** A secret: it is in no reason. */
  readonly url: string | URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** What the server says of a refusal, without secrets. */
  readonly detail?: (answer: string) => string;
  /** Seconds to wait, where the body of a 429 says so. */
  readonly retryAfterOf?: (answer: string) => number | null;
  /** How long it takes nothing more after a message that it took, in milliseconds. */
  readonly pauseAfter?: (headers: Headers) => number;
}

/** Posts JSON once. Never throws for what the other end does. Redirects are not followed: only the configured address gets it. */
export async function postJson(options: PostOptions): Promise<SendResult> {
  const { who, url, body, headers, signal, detail, retryAfterOf, pauseAfter } = options;
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    answer = await response.text();
  } catch (error) {
    const reason = signal.aborted ? 'this process stopped before' : networkReason(error);
    return { kind: 'failed', reason: `${who} did not answer: ${reason}` };
  }
  if (response.ok) return { kind: 'sent', pauseMs: pauseAfter?.(response.headers) ?? 0 };
  if (response.status === 429) {
    const seconds = retryAfterOf?.(answer) ?? Number(response.headers.get('retry-after') ?? Number.NaN);
    const waitMs = Number.isFinite(seconds) ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS;
    return { kind: 'limited', waitMs, reason: `${who} asks to wait ${waitMs} ms` };
  }
  if (response.status >= 500 || response.status === 408)
    return { kind: 'failed', reason: `${who} answered ${response.status}` };
  return { kind: 'refused', reason: `${who} answered ${response.status}${detail?.(answer) ?? ''}` };
}

/** The code of the network's error: its message may hold the address. */
function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}
