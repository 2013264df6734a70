import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';
import { networkReason } from '@orchestrator/shared/errors/map-system-error.ts';

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: unknown;
      readonly skewMs: number | null;
      readonly headers: Headers;
    }
  | { readonly kind: 'silence'; readonly reason: string };

const TIMEOUT_MS = 10_000;

/** A free GET request. `skewMs`: how far this machine's clock is ahead of the server's. */
export async function ask(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  try {
    const started = Date.now();
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body: unknown = await response.json().catch(() => null);
    const theirs = Date.parse(response.headers.get('date') ?? '');
    // The header counts whole seconds; the request took some time too.
    const skewMs = Number.isNaN(theirs) ? null : (started + Date.now()) / 2 - (theirs + 500);
    return { kind: 'answer', status: response.status, body, skewMs, headers: response.headers };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return {
      kind: 'silence',
      reason: timedOut ? 'no answer in 10 s' : maskSecrets(networkReason(error) ?? causeOf(error)),
    };
  }
}

/** fetch says "fetch failed" and hides why. */
const causeOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);

const SKEW_MS = 30_000;

/** A clock that is off makes limits of time and rate limits come out wrong. */
export function skewText(skewMs: number | null): string | null {
  if (skewMs === null || Math.abs(skewMs) < SKEW_MS) return null;
  return `this machine's clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
