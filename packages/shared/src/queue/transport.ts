import type { JobPayload } from '../contracts/job.ts';
import type { QueueName } from '../pipeline/machine.ts';

/**
 * Carries hints to workers. It promises little, and the pipeline relies on less: a message may be lost, repeated,
 * delayed or reordered, and the outcome of a run does not change. There are no retries here.
 */
export interface Transport {
  /** Hands messages over. Resolves once the backend has them. Throws QUEUE_UNAVAILABLE. */
  publish(queue: QueueName, messages: readonly JobPayload[]): Promise<void>;
  /** Whether a message is still on its way: waiting, or with a worker. */
  carries(queue: QueueName, message: JobPayload): Promise<boolean>;
  /** Starts taking messages, `concurrency` at a time. `onMessage` must not throw. */
  consume(queue: QueueName, concurrency: number, onMessage: (message: JobPayload) => Promise<void>): Promise<Consumer>;
  /** The queue as the backend's own library knows it: for the dashboard, which reads it. */
  inspect(queue: QueueName): unknown;
  close(): Promise<void>;
}

export interface Consumer {
  /** Takes no more messages; those in progress go on. */
  pause(): Promise<void>;
  /** Waits for those in progress, then disconnects. */
  close(): Promise<void>;
}
