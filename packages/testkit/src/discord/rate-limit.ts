/** Requests that are taken within a window. Discord takes about 5 in 2 seconds of a webhook, and 50 a second of everything. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** What Discord says of a limit with every answer, and whether the request was within it. */
export interface Taken {
  readonly headers: Readonly<Record<string, string>>;
  /** 0: it is taken. */
  readonly waitMs: number;
}

/** Counts requests against a limit, in windows that begin with a request. Without a limit everything is taken. */
export function countRequests(limit: RateLimit | undefined, bucket: string): () => Taken {
  let window = { startMs: 0, taken: 0 };
  return () => {
    if (!limit) return { headers: {}, waitMs: 0 };
    const nowMs = Date.now();
    if (nowMs - window.startMs >= limit.windowMs) window = { startMs: nowMs, taken: 0 };
    const endsMs = window.startMs + limit.windowMs;
    const full = window.taken >= limit.requests;
    if (!full) window.taken += 1;
    const headers = {
      'x-ratelimit-limit': String(limit.requests),
      'x-ratelimit-remaining': String(limit.requests - window.taken),
      'x-ratelimit-reset': String(endsMs / 1000),
      'x-ratelimit-reset-after': String((endsMs - nowMs) / 1000),
      'x-ratelimit-bucket': bucket,
    };
    return { headers, waitMs: full ? Math.max(1, endsMs - nowMs) : 0 };
  };
}
