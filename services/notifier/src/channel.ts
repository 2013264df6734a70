import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';

/** What a channel is told: an event, and what it happened to. */
export interface Notice {
  readonly eventId: bigint;
  readonly type: EventType;
  readonly at: Date;
  /** As the writer of the event made it. Texts may come from models and task files. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly repository: { readonly name: string; readonly url: string } | null;
  readonly run: {
    readonly id: string;
    readonly taskKey: string;
    readonly title: string;
    readonly round: number;
    /** Of the ledger, so far. */
    readonly costNanoUsd: bigint;
    /** Of the pull request, where there is one. */
    readonly url: string | null;
  } | null;
}

/** What became of a message. `reason` holds no secret. */
export type SendResult =
  /** `pauseMs`: the channel takes nothing more before. */
  | { readonly kind: 'sent'; readonly pauseMs: number }
  /** The channel asks to wait. No try is counted. */
  | { readonly kind: 'limited'; readonly waitMs: number; readonly reason: string }
  /** It may go better later. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It will not go better. */
  | { readonly kind: 'refused'; readonly reason: string };

/** A way to tell people: one file below channels/ with such a value as default export, whose id is the file's name. */
export interface Channel {
  readonly id: string;
  /** Whether it has an address. Without one it is silent. */
  readonly configured: (env: Environment) => boolean;
  /** Never throws for what the other end does. */
  readonly send: (notice: Notice, env: Environment, signal: AbortSignal) => Promise<SendResult>;
  /** Sends a message that says that the channel works. */
  readonly sendTest: (env: Environment, signal: AbortSignal) => Promise<SendResult>;
}

export const defineChannel = (channel: Channel): Channel => channel;
