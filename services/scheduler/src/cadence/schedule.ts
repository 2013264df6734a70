import type { Database } from '@orchestrator/shared/db/client.ts';

/**
 * Recurring work as rows: database time only, and of several schedulers one fires. A tick is taken by moving its instant
 * ahead by `holdMs`; who took it sets the real next instant when the work is done. If it dies, the tick fires again after
 * that time; a machine that slept through many ticks fires once.
 */
export interface Tick {
  readonly name: string;
  /** The instant that it was due for. */
  readonly dueAt: Date;
  /** Until when it is held. Only the holder may set what follows. */
  readonly heldUntil: Date;
}

/** Makes the row of a tick that has none; it is due at once. */
export async function ensureSchedule(db: Database, name: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO schedule (name, next_run_at) VALUES (${name}, now()) ON CONFLICT (name) DO NOTHING`;
}

/** Takes a tick that is due; null: it is not due, or another scheduler has it. */
export async function takeTick(db: Database, name: string, holdMs: number): Promise<Tick | null> {
  const rows = await db.$queryRaw<{ dueAt: Date; heldUntil: Date }[]>`
    UPDATE schedule SET last_fired_for = next_run_at,
      next_run_at = date_trunc('milliseconds', now()) + ${holdMs} * interval '1 millisecond'
    WHERE name = ${name} AND next_run_at <= now()
    RETURNING last_fired_for AS "dueAt", next_run_at AS "heldUntil"`;
  const row = rows[0];
  return row ? { name, ...row } : null;
}

/** Holds a tick for longer; null: it was lost. */
export async function renewTick(db: Database, { name, dueAt, heldUntil }: Tick, holdMs: number): Promise<Tick | null> {
  const rows = await db.$queryRaw<{ heldUntil: Date }[]>`
    UPDATE schedule SET next_run_at = date_trunc('milliseconds', now()) + ${holdMs} * interval '1 millisecond'
    WHERE name = ${name} AND next_run_at = ${heldUntil}::timestamptz
    RETURNING next_run_at AS "heldUntil"`;
  return rows[0] ? { name, dueAt, heldUntil: rows[0].heldUntil } : null;
}

/**
 * Sets when a tick that was taken fires next: at an instant, or a while from now. Nothing happens if it is no longer
 * held, because it ran out or a person asked for another instant.
 */
export async function setNext(
  db: Database,
  { name, heldUntil }: Tick,
  next: Date | { readonly inMs: number },
): Promise<void> {
  const at = next instanceof Date ? next : null;
  const inMs = next instanceof Date ? 0 : next.inMs;
  await db.$executeRaw`
    UPDATE schedule SET next_run_at = coalesce(${at}::timestamptz, now() + ${inMs} * interval '1 millisecond')
    WHERE name = ${name} AND next_run_at = ${heldUntil}::timestamptz`;
}

/** Makes a tick due at once, whatever its cadence. */
export async function tickNow(db: Database, name: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO schedule (name, next_run_at) VALUES (${name}, now()) ON CONFLICT (name) DO UPDATE SET next_run_at = now()`;
}

/** Milliseconds until the first of these ticks is due, in database time; null: none of them exists. */
export async function untilNext(db: Database, names: readonly string[]): Promise<number | null> {
  const rows = await db.$queryRaw<{ ms: number | null }[]>`
    SELECT extract(epoch FROM min(next_run_at) - now())::float8 * 1000 AS ms FROM schedule WHERE name = ANY (${[...names]}::text[])`;
  const ms = rows[0]?.ms ?? null;
  return ms === null ? null : Math.max(0, Math.ceil(ms));
}
