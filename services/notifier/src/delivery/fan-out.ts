import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { isRoutine } from '../channel.ts';
import type { EventPlace, RulesOf } from './notify-rules.ts';

/** An event that a channel may be told of. */
interface FreshEvent extends EventPlace {
  readonly id: bigint;
  readonly type: EventType;
}

export interface FanOut {
  readonly channel: string;
  readonly rulesOf: RulesOf;
  /** Events that the channel need not be told of; kept from one call to the next. */
  readonly seen: Set<bigint>;
  /** How long routine news wait for others. */
  readonly gatherMs: number;
}

/** Events older than this are no news any more. */
const NEWS = "interval '1 day'";
/** No transaction is open for so long: an event that is this old has been seen, whatever its number. */
const SETTLED = "interval '5 minutes'";
const PAGE = 500;

const key = (channel: string) => `deliveries.since:${channel}`;

/** Remembers from which event on a channel is told: those that come after it was first given an address. */
export async function beginChannel(db: Database, channel: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO setting (key, value) SELECT ${key(channel)}, to_jsonb(coalesce(max(id), 0)::text) FROM event
    ON CONFLICT (key) DO NOTHING`;
}

/**
 * Creates the deliveries of new events to a channel. Event numbers are given before a transaction ends, so a lower number
 * may appear later: the last minutes are looked at again each time.
 */
export async function fanOut(db: Database, { channel, rulesOf, seen, gatherMs }: FanOut): Promise<void> {
  const before = await since(db, channel);
  let last = before;
  for (let page: FreshEvent[] = [], more = true; more; more = page.length === PAGE) {
    page = await freshEvents(db, channel, last);
    for (const event of page) {
      if (!seen.has(event.id) && (await rulesOf(event)).events.includes(event.type))
        await addDelivery(db, channel, event.id, isRoutine(event.type) ? gatherMs : 0);
      else seen.add(event.id);
      last = event.id;
    }
  }
  const settled = await advance(db, channel, before);
  for (const id of seen) if (id <= settled) seen.delete(id);
}

async function since(db: Database, channel: string): Promise<bigint> {
  const row = await db.setting.findUnique({ where: { key: key(channel) } });
  return BigInt((row?.value as string | undefined) ?? '0');
}

const freshEvents = (db: Database, channel: string, after: bigint): Promise<FreshEvent[]> =>
  db.$queryRawUnsafe<FreshEvent[]>(
    `SELECT e.id, e.type, p.url AS "repositoryUrl", coalesce(r.base_commit, e.data->>'commit') AS commit
     FROM event e LEFT JOIN run r ON r.id = e.run_id LEFT JOIN task t ON t.id = r.task_id
       LEFT JOIN repository p ON p.id = coalesce(e.repository_id, t.repository_id)
     WHERE e.id > $1 AND e.at > now() - ${NEWS}
       AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id AND d.channel = $2)
     ORDER BY e.id LIMIT ${PAGE}`,
    after,
    channel,
  );

/** Several notifiers may come at once: the pair of event and channel is unique. */
const addDelivery = (db: Database, channel: string, eventId: bigint, waitMs: number) =>
  db.$executeRaw`
    INSERT INTO delivery (event_id, channel, available_at)
    VALUES (${eventId}, ${channel}, now() + ${waitMs} * interval '1 millisecond') ON CONFLICT (event_id, channel) DO NOTHING`;

async function advance(db: Database, channel: string, before: bigint): Promise<bigint> {
  const [row] = await db.$queryRawUnsafe<{ id: bigint | null }[]>(
    `SELECT max(id) AS id FROM event WHERE id > $1 AND at < now() - ${SETTLED}`,
    before,
  );
  const settled = row?.id ?? before;
  if (settled > before) {
    await db.$executeRaw`UPDATE setting SET value = to_jsonb(${String(settled)}::text) WHERE key = ${key(channel)} AND (value #>> '{}')::bigint < ${settled}`;
  }
  return settled;
}
