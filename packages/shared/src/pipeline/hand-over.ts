import type { Transport } from '../queue/transport.ts';
import { count } from '../telemetry/record.ts';
import type { HandOver } from './commit-outcome.ts';
import { gathered } from './gathered.ts';
import { QUEUES } from './machine.ts';

/** Publishes messages of stages that count as published; those of a queue that come at the same time go together. */
export function handingOver(transport: Pick<Transport, 'publish'>): (message: HandOver) => Promise<void> {
  const byQueue = new Map(
    QUEUES.map((queue) => [
      queue,
      gathered<HandOver, void>({
        async run(messages) {
          await transport.publish(
            queue,
            messages.map(({ stageRunId, generation }) => ({ stageRunId, generation })),
          );
          count('orchestrator_published_total', { queue }, messages.length);
          return messages.map(() => undefined);
        },
        key: (message) => message.stageRunId,
      }),
    ]),
  );
  return async (message) => byQueue.get(message.queue)?.(message);
}
