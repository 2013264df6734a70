import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { FREE, RUN_NOT_IN_FLIGHT } from './due-deliveries.ts';

/** A delivery in this process's hands. `tries` counts this one, and is its fence: a later claim has a higher number. */
export interface HeldDelivery {
  readonly id: bigint;
  readonly eventId: bigint;
  readonly tries: number;
  readonly ageMs: number;
}

/** Longer than a channel may take to answer; then another process may take the delivery. */
const LEASE_MS = 60_000;

/**
 * Takes those of the deliveries that nobody else has taken meanwhile, in order. By database time. Claims of a channel are
 * made one after the other, so that two processes never have news of one run in hands at the same time.
 */
export async function claimDeliveries(db: Database, channel: string, ids: readonly bigint[]): Promise<HeldDelivery[]> {
  const rows = await db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`deliveries:${channel}`}))`;
    return tx.$queryRaw<HeldDelivery[]>`
      UPDATE delivery d SET lease_until = now() + ${LEASE_MS} * interval '1 millisecond', tries = d.tries + 1
      FROM event e
      WHERE d.id = ANY(${[...ids]}::bigint[]) AND e.id = d.event_id AND ${FREE} AND ${RUN_NOT_IN_FLIGHT}
      RETURNING d.id, d.event_id AS "eventId", d.tries, (extract(epoch FROM now() - e.at) * 1000)::float8 AS "ageMs"`;
  });
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

type Held = readonly HeldDelivery[];
const idsOf = (held: Held): bigint[] => held.map(({ id }) => id);
const triesOf = (held: Held): number[] => held.map(({ tries }) => tries);

/** The last look before they are sent: prolongs the leases. False: another process has taken one of them meanwhile. */
export async function stillHeld(db: Database, held: Held): Promise<boolean> {
  const changed = await db.$executeRaw`
    UPDATE delivery SET lease_until = now() + ${LEASE_MS} * interval '1 millisecond'
    WHERE (id, tries) IN (SELECT * FROM unnest(${idsOf(held)}::bigint[], ${triesOf(held)}::int[])) AND state = 'pending'`;
  return changed === held.length;
}

export async function markSent(tx: Pick<Transaction, '$executeRaw'>, held: Held): Promise<void> {
  await tx.$executeRaw`
    UPDATE delivery SET state = 'sent', sent_at = now(), lease_until = NULL, last_error = NULL
    WHERE (id, tries) IN (SELECT * FROM unnest(${idsOf(held)}::bigint[], ${triesOf(held)}::int[])) AND state = 'pending'`;
}

/** The error is kept; nobody tries again. */
export async function giveUp(db: Database, held: Held, reason: string): Promise<void> {
  await db.$executeRaw`
    UPDATE delivery SET state = 'failed', lease_until = NULL, last_error = ${reason}
    WHERE (id, tries) IN (SELECT * FROM unnest(${idsOf(held)}::bigint[], ${triesOf(held)}::int[])) AND state = 'pending'`;
}

/** Gives them back until `waitMs` have passed. `counted`: whether this was a try. */
export async function postpone(
  db: Database,
  held: Held,
  { waitMs, reason, counted }: { waitMs: number; reason: string; counted: boolean },
): Promise<void> {
  await db.$executeRaw`
    UPDATE delivery SET lease_until = NULL, last_error = ${reason}, tries = tries - ${counted ? 0 : 1},
      available_at = now() + ${Math.ceil(waitMs)} * interval '1 millisecond'
    WHERE (id, tries) IN (SELECT * FROM unnest(${idsOf(held)}::bigint[], ${triesOf(held)}::int[])) AND state = 'pending'`;
}
