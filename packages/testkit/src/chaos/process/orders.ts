import type { JobPayload } from '@orchestrator/shared/contracts/job.ts';
import type { QueueName } from '@orchestrator/shared/pipeline/machine.ts';
import type { Window } from '../windows.ts';

/** What the harness tells a service process. */
export type Order =
  /** Stop in this window, the next time that it is reached; by SIGSTOP the process goes on when it is continued. */
  | {
      readonly order: 'stop-in';
      readonly window: Window;
      readonly signal: 'SIGKILL' | 'SIGSTOP';
      readonly delayMs: number;
    }
  | { readonly order: 'go-on' }
  /** Whether messages are to be passed on. */
  | { readonly order: 'pass-on'; readonly on: boolean }
  /** A message that another process of the same service was given. */
  | { readonly order: 'deliver'; readonly queue: QueueName; readonly message: JobPayload };

/** What a service process tells the harness. */
export type Told =
  /** It has its database and its queue, and starts to work. */
  | { readonly told: 'opened' }
  /** It was given a message, which is to reach others as well. */
  | ({ readonly told: 'message' } & PassedOn);

export interface PassedOn {
  readonly queue: QueueName;
  readonly message: JobPayload;
}

/** Where a process writes the window that it stops in: read by the harness even though the process is no more. */
export const LAST_WORDS_FD = 4;
