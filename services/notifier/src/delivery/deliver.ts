import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import type { Channel, SendResult } from '../channel.ts';
import { claimDelivery, giveUp, type HeldDelivery, markSent, postpone, stillHeld } from './claim-delivery.ts';
import { readNotice } from './read-notice.ts';

export interface Delivering {
  readonly db: Database;
  readonly env: Environment;
  readonly log: Logger;
  /** Tries of one message, those that ended with the process included. */
  readonly maxTries: number;
  /** Wait before try n + 1. */
  readonly backoffMs: (tries: number) => number;
}

/** A message that a channel asks us to hold back for longer than this is no news any more. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/** Sends one due message. Null: none is due. Otherwise how long the channel wants to be left alone, 0 for not at all. */
export async function deliverOne(
  channel: Channel,
  { db, env, log, maxTries, backoffMs }: Delivering,
  signal: AbortSignal,
): Promise<number | null> {
  const held = await claimDelivery(db, channel.id);
  if (held === null) return null;
  if (held.tries > maxTries) {
    await giveUp(db, held, `no answer was stored in ${maxTries} tries`);
    return 0;
  }
  const notice = await readNotice(db, held.eventId);
  const about = { channel: channel.id, event: notice.type, eventId: String(held.eventId), tries: held.tries };
  if (!(await stillHeld(db, held))) return 0;
  const result = await send(channel, () => channel.send(notice, env, signal));
  switch (result.kind) {
    case 'sent':
      await markSent(db, held);
      log.debug(about, 'notice sent');
      return result.pauseMs;
    case 'limited':
      if (held.ageMs > MAX_AGE_MS) await giveUp(db, held, result.reason);
      else await postpone(db, held, { ...result, counted: false });
      return result.waitMs;
    case 'refused':
      return abandon(result.reason);
    case 'failed':
      if (held.tries >= maxTries) return abandon(result.reason);
      await postpone(db, held, { waitMs: backoffMs(held.tries), reason: result.reason, counted: true });
      log.info({ ...about, reason: result.reason }, 'notice not taken; it is tried again');
      return 0;
  }

  async function abandon(reason: string): Promise<number> {
    await giveUp(db, held as HeldDelivery, reason);
    log.warn({ ...about, reason }, 'notice given up');
    return 0;
  }
}

/** A channel that throws has a bug: its message is tried again like any other that failed. */
async function send(channel: Channel, work: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'failed', reason: `${channel.id}: ${error instanceof Error ? error.name : 'unknown error'}` };
  }
}
