import type { Database } from '@orchestrator/shared/db/client.ts';

/** A delivery in this process's hands. `tries` counts this one, and is its fence: a later claim has a higher number. */
export interface HeldDelivery {
  readonly id: bigint;
  readonly eventId: bigint;
  readonly tries: number;
  readonly ageMs: number;
}

/** Longer than a channel may take to answer; then another process may take the delivery. */
const LEASE_MS = 60_000;

/** Takes the oldest delivery that is due. By database time; several processes get different ones. */
export async function claimDelivery(db: Database, channel: string): Promise<HeldDelivery | null> {
  const rows = await db.$queryRaw<HeldDelivery[]>`
    UPDATE delivery d SET lease_until = now() + ${LEASE_MS} * interval '1 millisecond', tries = d.tries + 1
    FROM (
      SELECT id FROM delivery
      WHERE channel = ${channel} AND state = 'pending' AND available_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) due, event e
    WHERE d.id = due.id AND e.id = d.event_id
    RETURNING d.id, d.event_id AS "eventId", d.tries, (extract(epoch FROM now() - e.at) * 1000)::float8 AS "ageMs"`;
  return rows[0] ?? null;
}

/** The last look before it is sent: prolongs the lease. False: another process has taken it meanwhile. */
export async function stillHeld(db: Database, held: HeldDelivery): Promise<boolean> {
  const changed = await db.$executeRaw`
    UPDATE delivery SET lease_until = now() + ${LEASE_MS} * interval '1 millisecond'
    WHERE id = ${held.id} AND tries = ${held.tries} AND state = 'pending'`;
  return changed === 1;
}

export async function markSent(db: Database, held: HeldDelivery): Promise<void> {
  await db.$executeRaw`
    UPDATE delivery SET state = 'sent', sent_at = now(), lease_until = NULL, last_error = NULL
    WHERE id = ${held.id} AND tries = ${held.tries} AND state = 'pending'`;
}

/** The error is kept; nobody tries again. */
export async function giveUp(db: Database, held: HeldDelivery, reason: string): Promise<void> {
  await db.$executeRaw`
    UPDATE delivery SET state = 'failed', lease_until = NULL, last_error = ${reason}
    WHERE id = ${held.id} AND tries = ${held.tries} AND state = 'pending'`;
}

/** Gives it back until `waitMs` have passed. `counted`: whether this was a try. */
export async function postpone(
  db: Database,
  held: HeldDelivery,
  { waitMs, reason, counted }: { waitMs: number; reason: string; counted: boolean },
): Promise<void> {
  await db.$executeRaw`
    UPDATE delivery SET lease_until = NULL, last_error = ${reason}, tries = tries - ${counted ? 0 : 1},
      available_at = now() + ${Math.ceil(waitMs)} * interval '1 millisecond'
    WHERE id = ${held.id} AND tries = ${held.tries} AND state = 'pending'`;
}
