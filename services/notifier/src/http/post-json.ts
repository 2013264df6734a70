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
  /** Default POST. */
  readonly method?: 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** What the server says of a refusal, without secrets. */
  readonly detail?: (answer: string) => string;
  /** Seconds to wait, where the body of a 429 says so. */
  readonly retryAfterOf?: (answer: string) => number | null;
  /** How long it takes nothing more after a message that it took, in milliseconds. */
  readonly pauseAfter?: (headers: Headers) => number;
}

export interface Posted {
  readonly result: SendResult;
  /** null: there was no answer. */
  readonly status: number | null;
  readonly answer: string;
}

/** Posts JSON once. Never throws for what the other end does. Redirects are not followed: only the configured address gets it. */
export const postJson = async (options: PostOptions): Promise<SendResult> => (await exchangeJson(options)).result;

/** The same, with what was answered. */
export async function exchangeJson(options: PostOptions): Promise<Posted> {
  const { who, url, body, method = 'POST', headers, signal } = options;
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    answer = await response.text();
  } catch (error) {
    const reason = signal.aborted ? 'this process stopped before' : networkReason(error);
    return { result: { kind: 'failed', reason: `${who} did not answer: ${reason}` }, status: null, answer: '' };
  }
  return { result: resultOf(options, response, answer), status: response.status, answer };
}

function resultOf(
  { who, detail, retryAfterOf, pauseAfter }: PostOptions,
  { ok, status, headers }: Response,
  answer: string,
): SendResult {
  if (ok) return { kind: 'sent', pauseMs: pauseAfter?.(headers) ?? 0 };
  if (status === 429) {
    const seconds = retryAfterOf?.(answer) ?? Number(headers.get('retry-after') ?? Number.NaN);
    const waitMs = Number.isFinite(seconds) ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS;
    return { kind: 'limited', waitMs, reason: `${who} asks to wait ${waitMs} ms` };
  }
  if (status >= 500 || status === 408) return { kind: 'failed', reason: `${who} answered ${status}` };
  const content = status === 400 || status === 413 ? { content: true } : {};
  return { kind: 'refused', reason: `${who} answered ${status}${detail?.(answer) ?? ''}`, ...content };
}

/** The code of the network's error: its message may hold the address. */
function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}
