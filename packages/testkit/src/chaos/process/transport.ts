import type { QueueName } from '@orchestrator/shared/pipeline/machine.ts';
import { type BullmqOptions, openBullmqTransport as openReal } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { OnMessage, Transport } from '@orchestrator/shared/queue/transport.ts';
import type { Order, Told } from './orders.ts';
import { committed } from './stage-workers.ts';
import { inWindow } from './windows.ts';

export * from '@orchestrator/shared/queue/bullmq-transport.ts';

const consumers = new Map<QueueName, OnMessage>();
let passingOn = false;
const NEVER = new AbortController().signal;
const tell = (told: Told) => void process.send?.(told);

/** The real transport, with the windows around it, and with what makes a message arrive more than once. */
export async function openBullmqTransport(options: BullmqOptions): Promise<Transport> {
  const real = await openReal(options);
  tell({ told: 'opened' });
  return {
    ...real,
    async publish(queue, messages) {
      inWindow('before-hand-over');
      await real.publish(queue, messages);
      inWindow('before-mark-sent');
    },
    consume(queue, concurrency, onMessage) {
      const inWindows: OnMessage = async (message, doubt) => {
        inWindow('before-claim');
        await onMessage(message, doubt);
        if (committed.delete(message.stageRunId)) inWindow('before-ack');
      };
      consumers.set(queue, inWindows);
      return real.consume(queue, concurrency, async (message, doubt) => {
        if (passingOn) tell({ told: 'message', queue, message });
        await inWindows(message, doubt);
      });
    },
  };
}

export function followTransportOrder(order: Order): void {
  if (order.order === 'pass-on') passingOn = order.on;
  if (order.order === 'deliver') void consumers.get(order.queue)?.(order.message, NEVER);
}
