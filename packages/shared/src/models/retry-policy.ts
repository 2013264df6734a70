/** How often and how patiently a question is asked again. */
export interface RetryPolicy {
  /** HTTP attempts of one question. */
  readonly maxAttempts: number;
  /** Attempts of one stage run that were forfeited: each may have cost a full reservation. */
  readonly maxForfeits: number;
  /** The pause before the second attempt; it doubles with each further one. */
  readonly backoffMs: number;
  /** A longer wait is left to the stage, which gives its worker back. */
  readonly maxInlineWaitMs: number;
  /** How long a stage is parked when the attempts are used up and the vendor named no time. */
  readonly parkMs: number;
}

export const RETRY_POLICY: RetryPolicy = {
  maxAttempts: 4,
  maxForfeits: 3,
  backoffMs: 1_000,
  maxInlineWaitMs: 20_000,
  parkMs: 60_000,
};

/** The pause before attempt `next` (2 for the first retry): the vendor's own figure, or exponential with jitter. */
export function pauseMs(
  policy: RetryPolicy,
  next: number,
  retryAfterMs: number | null,
  random: () => number = Math.random,
): number {
  if (retryAfterMs !== null) return retryAfterMs;
  return Math.round(policy.backoffMs * 2 ** (next - 2) * (0.75 + random() / 4));
}
