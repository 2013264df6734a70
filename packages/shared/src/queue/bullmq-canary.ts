import type { Queue } from 'bullmq';
import type { Backend } from './bullmq-transport.ts';

/** A queue that carries only messages to ourselves. */
export interface Canary {
  /** Publishes one. Rejects where the backend does not take it. */
  send(): Promise<void>;
  close(): Promise<void>;
}

/** A process that was killed leaves its queue behind; in Redis it goes by itself after this. */
const FORGOTTEN_AFTER_MS = 3_600_000;
const CANARY_JOB = { removeOnComplete: true, removeOnFail: true } as const;

/** Opens the queue `name` with a worker of its own, through the same connections as those of the stages. */
export async function openCanary(
  backend: Backend,
  name: string,
  onArrival: () => void,
  onError: (error: Error) => void,
): Promise<Canary> {
  const queue = backend.queue(name);
  const worker = backend.worker(name, 1, async () => onArrival());
  queue.on('error', onError);
  worker.on('error', onError);
  await worker.waitUntilReady();
  return {
    async send() {
      await queue.add('canary', {}, CANARY_JOB);
      await expire(queue);
    },
    async close() {
      await worker.close(true).catch(onError);
      await queue.obliterate({ force: true }).catch(onError);
      await queue.close().catch(onError);
    },
  };
}

async function expire(queue: Queue): Promise<void> {
  const backend = queue.getBackend() as { readonly client?: Promise<{ pexpire?(key: string, ms: number): unknown }> };
  const client = await backend.client;
  if (client?.pexpire === undefined) return;
  await Promise.all(
    ['meta', 'id', 'events', 'marker', 'stalled-check', 'stalled'].map((type) =>
      client.pexpire?.(queue.toKey(type), FORGOTTEN_AFTER_MS),
    ),
  );
}
