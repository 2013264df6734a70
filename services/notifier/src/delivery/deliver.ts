import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import type { Channel, ChannelMessage, Notice, SendResult } from '../channel.ts';
import { channelMessage, rememberMessage } from './channel-messages.ts';
import { type Batch, chooseBatch } from './choose-batch.ts';
import { claimDeliveries, giveUp, type HeldDelivery, markSent, postpone, stillHeld } from './claim-delivery.ts';
import { dueDeliveries } from './due-deliveries.ts';
import type { RulesOf } from './notify-rules.ts';
import { readHistory, readNotice } from './read-notice.ts';

export interface Delivering {
  readonly db: Database;
  readonly env: Environment;
  readonly log: Logger;
  readonly rulesOf: RulesOf;
  /** Tries of one message, those that ended with the process included. */
  readonly maxTries: number;
  /** Wait before try n + 1. */
  readonly backoffMs: (tries: number) => number;
}

/** A message that a channel asks us to hold back for longer than this is no news any more. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/**
 * Sends what is due as one message. Null: nothing is. Otherwise how long the channel wants to be left alone, 0 for not at
 * all. `flush`: also what still waits for company.
 */
export async function deliverNext(
  channel: Channel,
  delivering: Delivering,
  signal: AbortSignal,
  flush = false,
): Promise<number | null> {
  const { db, maxTries, rulesOf } = delivering;
  const [first, ...more] = await dueDeliveries(db, channel.id, flush);
  if (first === undefined) return null;
  const batch = await chooseBatch(channel, [first, ...more], rulesOf);
  const claimed = await claimDeliveries(db, channel.id, batch.ids);
  const worn = claimed.filter(({ tries }) => tries > maxTries);
  if (worn.length > 0) await giveUp(db, worn, `no answer was stored in ${maxTries} tries`);
  const held = claimed.filter(({ tries }) => tries <= maxTries);
  if (held.length === 0) return 0;
  return sendHeld(channel, delivering, batch, held, signal);
}

async function sendHeld(
  channel: Channel,
  delivering: Delivering,
  batch: Batch,
  held: readonly HeldDelivery[],
  signal: AbortSignal,
): Promise<number> {
  const { db, env } = delivering;
  const { rules, keptRunId } = batch;
  const notices = await Promise.all(held.map(({ eventId }) => readNotice(db, eventId)));
  const [first, ...others] = notices;
  if (first === undefined) return 0;
  const message = keptRunId === null ? null : await channelMessage(db, channel, env, keptRunId);
  const history = keptRunId === null ? [] : await readHistory(db, keptRunId, rules.events, notices);
  if (!(await stillHeld(db, held))) return 0;
  const result = await guarded(channel, () =>
    channel.send({ notices: [first, ...others], rules, message, history, env, signal }),
  );
  if (result.kind !== 'refused' || !result.content || held.length === 1)
    return settle(channel, delivering, { keptRunId, held, notices }, result);
  // One of them is not to be had in this form: the others must not be lost with it.
  let pauseMs = 0;
  for (const each of held) pauseMs = Math.max(pauseMs, await sendHeld(channel, delivering, batch, [each], signal));
  return pauseMs;
}

interface Sent {
  readonly keptRunId: string | null;
  readonly held: readonly HeldDelivery[];
  readonly notices: readonly Notice[];
}

/** Writes down what became of a message. Gives how long the channel wants to be left alone. */
async function settle(
  channel: Channel,
  { db, env, log, maxTries, backoffMs }: Delivering,
  { keptRunId, held, notices }: Sent,
  result: SendResult,
): Promise<number> {
  const events = held.map(({ eventId }) => String(eventId));
  const about = { channel: channel.id, types: [...new Set(notices.map(({ type }) => type))], events };
  const abandon = async (given: readonly HeldDelivery[], reason: string): Promise<void> => {
    if (given.length === 0) return;
    await giveUp(db, given, reason);
    log.warn({ ...about, reason }, 'notice given up');
  };
  switch (result.kind) {
    case 'sent':
      await remember(result.message);
      log.debug(about, 'notice sent');
      return result.pauseMs;
    case 'limited': {
      const [old, fresh] = parted(held, ({ ageMs }) => ageMs > MAX_AGE_MS);
      await abandon(old, result.reason);
      await postpone(db, fresh, { ...result, counted: false });
      return result.waitMs;
    }
    case 'refused':
      await abandon(held, result.reason);
      return 0;
    case 'failed': {
      const [last, again] = parted(held, ({ tries }) => tries >= maxTries);
      await abandon(last, result.reason);
      const tries = Math.max(0, ...again.map((each) => each.tries));
      await postpone(db, again, { waitMs: backoffMs(tries), reason: result.reason, counted: true });
      log.info({ ...about, reason: result.reason }, 'notice not taken; it is tried again');
      return 0;
    }
  }

  async function remember(message: ChannelMessage | undefined): Promise<void> {
    await db.$transaction(async (tx) => {
      if (keptRunId !== null && message !== undefined) await rememberMessage(tx, channel, env, keptRunId, message);
      await markSent(tx, held);
    });
  }
}

function parted<T>(items: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** A channel that throws has a bug: its message is tried again like any other that failed. */
async function guarded(channel: Channel, work: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'failed', reason: `${channel.id}: ${error instanceof Error ? error.name : 'unknown error'}` };
  }
}
