import type { JobPayload } from '../contracts/job.ts';
import type { QueueName } from '../pipeline/machine.ts';
import type { Canary } from './bullmq-canary.ts';

/**
 * Carries hints to workers. It promises little, and the pipeline relies on less: a message may be lost, repeated,
 * delayed or reordered, and the outcome of a run does not change. There are no retries here.
 */
export interface Transport {
  /** Hands messages over. Resolves once the backend has them. Throws QUEUE_UNAVAILABLE. */
  publish(queue: QueueName, messages: readonly JobPayload[]): Promise<void>;
  /** Those of the messages that are not on their way any more: neither waiting nor with a worker. One look for all. */
  missing(queue: QueueName, messages: readonly JobPayload[]): Promise<JobPayload[]>;
  /** Whether the backend still has the mark of `epoch`. It is lost with everything else when the backend is wiped. */
  hasMark(epoch: string): Promise<boolean>;
  setMark(epoch: string): Promise<void>;
  /** Starts taking messages, `concurrency` at a time. */
  consume(queue: QueueName, concurrency: number, onMessage: OnMessage): Promise<Consumer>;
  /** The queue as the backend's own library knows it: for the dashboard, which reads it. */
  inspect(queue: QueueName): unknown;
  /** Opens a queue that only this process uses; `onArrival` is told when a message has come back. */
  openCanary(name: string, onArrival: () => void): Promise<Canary>;
  close(): Promise<void>;
}

/** Must not throw. `doubt` aborts when the backend has given the message up, and may hand it to another. */
export type OnMessage = (message: JobPayload, doubt: AbortSignal) => Promise<void>;

export interface Consumer {
  /** Takes no more messages; those in progress go on. */
  pause(): Promise<void>;
  /** Waits for those in progress, then disconnects. */
  close(): Promise<void>;
}
