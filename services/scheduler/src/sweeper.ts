import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { count } from '@orchestrator/shared/telemetry/record.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from './leader.ts';
import { sweepCancelled } from './sweeper/cancelled.ts';
import { sweepLeases } from './sweeper/leases.ts';
import { republishLost } from './sweeper/lost-messages.ts';
import { sweepOutbox } from './sweeper/outbox.ts';
import { republishAfterWipe } from './sweeper/wipe.ts';

/**
 * Finds what was left behind: leases that ran out, messages that got lost one by one or all at once, cancelled runs that
 * nobody works on. Only the leader sweeps; two that do so at once do no harm.
 */
export interface SweeperOptions {
  readonly db: Database;
  readonly transport: Transport;
  readonly log: Logger;
  /** Crashes of one stage run before it is given up. Default 3. */
  readonly maxCrashes?: number;
  /** A published message that was not claimed is looked for after this. Default 30 s. */
  readonly graceMs?: number;
}

export interface SweepResult {
  readonly crashed: number;
  readonly cancelled: number;
  readonly republished: number;
  /** Announced again because the queue's backend was empty. */
  readonly afterWipe: number;
}

const EVERY_MS = 1_000;

export const createSweeper = ({
  leader,
  everyMs = EVERY_MS,
  ...options
}: SweeperOptions & { readonly leader: Leader; readonly everyMs?: number }): Component =>
  createLoop({
    name: 'sweeper',
    everyMs,
    round: whenLeading(leader, async () => {
      const result = await sweep(options);
      count('orchestrator_lease_expiries_total', {}, result.crashed);
      count('orchestrator_republished_total', {}, result.republished + result.afterWipe);
      if (Object.values(result).some((count) => count > 0)) options.log.info({ ...result }, 'swept');
      return undefined;
    }),
    failed: (error) => options.log.warn({ err: error }, 'sweep failed; the next one tries again'),
  });

export async function sweep(options: SweeperOptions): Promise<SweepResult> {
  const { db, transport } = options;
  const crashed = await sweepLeases(db, options.maxCrashes);
  const cancelled = await sweepCancelled(db);
  await sweepOutbox(db);
  // Last, because they ask the queue: what only needs the database is done while the queue is away.
  const afterWipe = await republishAfterWipe(db, transport);
  const republished = await republishLost(db, transport, options.graceMs);
  return { crashed, cancelled, republished, afterWipe };
}
