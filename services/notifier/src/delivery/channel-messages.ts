import { createHash } from 'node:crypto';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import type { Channel, ChannelMessage } from '../channel.ts';

/** Tells addresses apart without naming them. */
const placeOf = (channel: Channel, env: Environment): string =>
  createHash('sha256')
    .update(channel.address?.(env) ?? '')
    .digest('hex')
    .slice(0, 16);

/** Where the news of a run are on a channel; null: nowhere at its present address. */
export async function channelMessage(
  db: Database,
  channel: Channel,
  env: Environment,
  runId: string,
): Promise<ChannelMessage | null> {
  const where = { channel: channel.id, runId, place: placeOf(channel, env) };
  return db.channelMessage.findFirst({ where, select: { messageId: true, threadId: true } });
}

/** In the transaction that marks the notices as sent: both or neither are known afterwards. */
export async function rememberMessage(
  tx: Transaction,
  channel: Channel,
  env: Environment,
  runId: string,
  { messageId, threadId }: ChannelMessage,
): Promise<void> {
  const values = { place: placeOf(channel, env), messageId, threadId, updatedAt: new Date() };
  await tx.channelMessage.upsert({
    where: { channel_runId: { channel: channel.id, runId } },
    create: { channel: channel.id, runId, ...values },
    update: values,
  });
}
