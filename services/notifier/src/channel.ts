import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';

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
    /** The first errors of its latest verdict; only where it ended without a change. */
    readonly findings?: readonly Pick<Finding, 'file' | 'line' | 'test' | 'message'>[];
  } | null;
}

/** notify.* of the repository that an event belongs to, or of the operator. */
export type NotifyRules = OrchestratorConfig['notify'];

/** Where a channel keeps the news of a run. */
export interface ChannelMessage {
  readonly messageId: string;
  readonly threadId: string | null;
}

/** What a channel is to send now. */
export interface Sending {
  /** In order. Exactly one, unless the channel gathers. */
  readonly notices: readonly [Notice, ...Notice[]];
  readonly rules: NotifyRules;
  /** Where notices of a run are kept together: the message or thread that it has; null: none yet. */
  readonly message: ChannelMessage | null;
  /** In that case all that the channel was to be told of the run so far, the new ones last; empty otherwise. */
  readonly history: readonly Notice[];
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** What became of a message. `reason` holds no secret. */
export type SendResult =
  /** `pauseMs`: the channel takes nothing more before. `message`: where the run's news are from now on. */
  | { readonly kind: 'sent'; readonly pauseMs: number; readonly message?: ChannelMessage }
  /** The channel asks to wait. No try is counted. */
  | { readonly kind: 'limited'; readonly waitMs: number; readonly reason: string }
  /** It may go better later. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It will not go better. `content`: because of what was sent, so that each notice of a batch may go alone. */
  | { readonly kind: 'refused'; readonly reason: string; readonly content?: boolean };

/** A way to tell people: one file below channels/ with such a value as default export, whose id is the file's name. */
export interface Channel {
  readonly id: string;
  /** It can say several things in one message, so routine news wait a little for others. */
  readonly gathers: boolean;
  /** Whether the news of a run belong together by these rules. Absent: they never do. */
  readonly keepsRuns?: (rules: NotifyRules) => boolean;
  /** Digested, it tells messages of one address from those of another. Only where runs are kept. */
  readonly address?: (env: Environment) => string | undefined;
  /** Whether it has an address. Without one it is silent. */
  readonly configured: (env: Environment) => boolean;
  /** Never throws for what the other end does. */
  readonly send: (sending: Sending) => Promise<SendResult>;
  /** Sends a message that says that the channel works. */
  readonly sendTest: (env: Environment, signal: AbortSignal) => Promise<SendResult>;
}

export const defineChannel = (channel: Channel): Channel => channel;

/** News that wait for others; the rest is told at once. */
const ROUTINE: ReadonlySet<EventType> = new Set<EventType>([
  'run.started',
  'run.specified',
  'run.coded',
  'run.validated',
  'run.published',
  'run.cancelled',
  'run.parked',
  'run.merged',
]);
export const isRoutine = (type: EventType): boolean => ROUTINE.has(type);
export const ROUTINE_TYPES: readonly EventType[] = [...ROUTINE];
