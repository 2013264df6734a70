import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database, Transaction } from '@orchestrator/shared/db/client.ts';
import { addEvents, announce, endAttempt, moveRun } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import { QUEUE_OF, type Stage } from '@orchestrator/shared/pipeline/machine.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import type { Logger } from 'pino';

/**
 * Finds what was left behind: leases that ran out, messages that got lost, cancelled runs that nobody works on. Several
 * may run; an advisory lock lets one sweep at a time.
 */
export interface SweeperOptions {
  readonly db: Database;
  readonly transport: Transport;
  readonly log: Logger;
  /** Crashes of one stage run before it is given up. Default 3. */
  readonly maxCrashes?: number;
  /** Default 2 s. */
  readonly everyMs?: number;
  /** A published message that was not claimed is looked for after this. Default 30 s. */
  readonly graceMs?: number;
}

export interface SweepResult {
  readonly crashed: number;
  readonly republished: number;
  readonly cancelled: number;
}

const SWEEP_LOCK = 7_203_114_078n;

export const createSweeper = (options: SweeperOptions): Component =>
  createLoop({
    name: 'sweeper',
    everyMs: options.everyMs ?? 2_000,
    async round() {
      const result = await sweep(options);
      if (result.crashed + result.republished + result.cancelled > 0) options.log.info({ ...result }, 'swept');
      return undefined;
    },
    failed: (error) => options.log.warn({ err: error }, 'sweep failed; the next one tries again'),
  });

export async function sweep({ db, transport, maxCrashes = 3, graceMs = 30_000 }: SweeperOptions): Promise<SweepResult> {
  const lost = await lostMessages(db, transport, graceMs);
  return db.$transaction(
    async (tx) => {
      const [lock] = await tx.$queryRaw<{ got: boolean }[]>`SELECT pg_try_advisory_xact_lock(${SWEEP_LOCK}) AS got`;
      if (!lock?.got) return { crashed: 0, republished: 0, cancelled: 0 };
      const crashed = await sweepLeases(tx, maxCrashes);
      const cancelled = await sweepCancelled(tx);
      const republished = await republish(tx, lost);
      return { crashed, republished, cancelled };
    },
    { timeout: 30_000 },
  );
}

/** A lease that ran out means that its worker died or hung: counted as a crash, and tried again unless it happens too often. */
async function sweepLeases(tx: Transaction, maxCrashes: number): Promise<number> {
  const rows = await tx.$queryRaw<
    { id: string; run_id: string; stage: Stage; round: number; fence: bigint; crash_count: number }[]
  >`
    UPDATE stage_run s SET crash_count = crash_count + 1, generation = generation + 1, published_at = NULL, lease_owner = NULL, lease_until = NULL,
      available_at = now(), state = CASE WHEN crash_count + 1 >= ${maxCrashes} THEN 'dead' ELSE 'pending' END
    WHERE s.state = 'running' AND s.lease_until < now()
    RETURNING id, run_id, stage, round, fence, crash_count`;
  for (const row of rows) {
    await endAttempt(tx, { stageRunId: row.id, fence: row.fence }, 'crashed');
    if (row.crash_count < maxCrashes) await announce(tx, row.id);
    else {
      const message = `The stage ${row.stage} died ${row.crash_count} time(s).`;
      await moveRun(tx, row.run_id, { state: 'failed', round: row.round, stage: null }, { code: 'CRASHED', message });
    }
  }
  return rows.length;
}

/** Runs that were cancelled while nobody worked on them. */
async function sweepCancelled(tx: Transaction): Promise<number> {
  const rows = await tx.$queryRaw<{ run_id: string; stage: Stage; round: number }[]>`
    UPDATE stage_run s SET state = 'cancelled', ended_at = now(), outcome = 'cancelled' FROM run r
    WHERE r.id = s.run_id AND r.cancel_requested_at IS NOT NULL AND s.state = 'pending' RETURNING s.run_id, s.stage, s.round`;
  for (const row of rows) {
    await moveRun(tx, row.run_id, { state: 'cancelled', round: row.round, stage: null }, null);
    await addEvents(tx, row.run_id, [{ type: 'run.cancelled', data: { stage: row.stage } }]);
  }
  return rows.length;
}

interface Lost {
  readonly id: string;
  readonly generation: number;
}

/** Published a while ago, still pending, and no longer with the queue. */
async function lostMessages(db: Database, transport: Transport, graceMs: number): Promise<Lost[]> {
  const rows = await db.$queryRaw<{ id: string; stage: Stage; generation: number }[]>`
    SELECT id, stage, generation FROM stage_run
    WHERE state = 'pending' AND available_at <= now() AND published_at < now() - ${graceMs} * interval '1 millisecond' LIMIT 1000`;
  const lost: Lost[] = [];
  for (const row of rows) {
    const carried = await transport.carries(QUEUE_OF[row.stage], { stageRunId: row.id, generation: row.generation });
    if (!carried) lost.push(row);
  }
  return lost;
}

async function republish(tx: Transaction, lost: readonly Lost[]): Promise<number> {
  let count = 0;
  for (const { id, generation } of lost) {
    const changed = await tx.$executeRaw`
      UPDATE stage_run SET generation = generation + 1, published_at = NULL
      WHERE id = ${id}::uuid AND state = 'pending' AND generation = ${generation}`;
    if (changed === 0) continue;
    await announce(tx, id);
    count += 1;
  }
  return count;
}
