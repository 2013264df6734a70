import type { NewEvent } from '../contracts/events.ts';
import type { ErrorCode } from '../errors/errors.ts';

/** A stage result to store with the transition. `content` is JSON. */
export interface NewArtifact {
  readonly kind:
    | 'baseline'
    | 'context'
    | 'specification'
    | 'change_set'
    | 'rejections'
    | 'verdict'
    | 'publication'
    | 'review';
  readonly content: unknown;
}

/**
 * What a processor may return. The wrapper (run-stage.ts) turns it into one transaction; machine.ts says what follows.
 * Anything unexpected is thrown: an AppError that is retryable, or a bug, is tried again with backoff.
 */
export type Outcome =
  /** The stage did its work; the run goes on. */
  | { readonly kind: 'advance'; readonly artifacts: readonly NewArtifact[]; readonly events?: readonly NewEvent[] }
  /** The change has to be repaired: back to the coder with the findings, in the next round. */
  | { readonly kind: 'rework'; readonly artifacts: readonly NewArtifact[]; readonly events?: readonly NewEvent[] }
  /** The run ends here without a publishable change. */
  | {
      readonly kind: 'reject' | 'fail';
      readonly code: ErrorCode;
      readonly message: string;
      readonly artifacts: readonly NewArtifact[];
      readonly events?: readonly NewEvent[];
    }
  /** Nothing can be done before `until`: the same stage is parked and claimed again then. No error is counted. */
  | {
      readonly kind: 'wait';
      readonly reason: 'budget' | 'rate_limit' | 'sandbox' | 'configuration';
      /** By the database's clock. null: no instant is known; looked at again after `afterMs`, or after a while. */
      readonly until: Date | null;
      /** A length of time, where only this process's clock could name an instant: that clock may be wrong. */
      readonly afterMs?: number;
      readonly detail: Record<string, unknown>;
    };
