/**
 * Hard safety limits of one reply and its change set: they keep time and memory bounded whatever a model writes. What a
 * repository allows (validate.maxFiles and so on) is narrower and judged by the validator.
 */
export interface GuardLimits {
  readonly maxReplyBytes: number;
  /** Files of the cumulative change set. */
  readonly maxFiles: number;
  readonly maxHunks: number;
  /** Of one file, before and after the edit. */
  readonly maxFileBytes: number;
  readonly maxFileLines: number;
  /** Of one written line. */
  readonly maxLineBytes: number;
  /** Of all written files together. */
  readonly maxTotalBytes: number;
}

export const GUARD_LIMITS: GuardLimits = {
  maxReplyBytes: 4_000_000,
  maxFiles: 200,
  maxHunks: 1_000,
  maxFileBytes: 5_000_000,
  maxFileLines: 200_000,
  maxLineBytes: 65_536,
  maxTotalBytes: 20_000_000,
};
