import type { Database, Transaction } from '../../db/client.ts';
import { Prisma } from '../../db/generated/client.ts';
import { queueOf, republish } from '../announce.ts';
import { type QueueName, SETTLED_STATES } from '../machine.ts';
import { ALL_QUEUES } from '../paused.ts';
import { type By, record } from './intervention.ts';

/** What is paused and resumed as one. */
export type Scope =
  | { readonly kind: 'system' }
  | { readonly kind: 'queue'; readonly queue: QueueName }
  | { readonly kind: 'repository'; readonly repositoryId: string }
  | { readonly kind: 'run'; readonly runId: string };

/**
 * Nothing in the scope is started any more; what runs goes on to its end, since it is paid for. It is a row, so it
 * survives whatever happens to the queue. False: it was paused already, or there is no such thing.
 */
export async function pause(db: Database, scope: Scope, by: By): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const changed = await setPaused(tx, scope, true);
    if (changed) await record(tx, 'pause', by, { ...scope }, 1);
    return changed;
  });
}

/**
 * Lets the scope go on, unless something that holds it is paused as well. Messages that came while it was paused were
 * dropped, so they are announced again. null: it was not paused. Otherwise how many were announced.
 */
export async function resume(db: Database, scope: Scope, by: By): Promise<number | null> {
  return db.$transaction(async (tx) => {
    if (!(await setPaused(tx, scope, false))) return null;
    const announced = await republish(tx, within(scope));
    await tx.$executeRaw`SELECT pg_notify('outbox', '')`;
    await record(tx, 'resume', by, { ...scope }, announced);
    return announced;
  });
}

async function setPaused(tx: Transaction, scope: Scope, paused: boolean): Promise<boolean> {
  switch (scope.kind) {
    case 'system':
    case 'queue': {
      const queue = scope.kind === 'system' ? ALL_QUEUES : scope.queue;
      return (await tx.queueControl.updateMany({ where: { queue, paused: !paused }, data: { paused } })).count > 0;
    }
    case 'repository':
      return (
        (await tx.repository.updateMany({ where: { id: scope.repositoryId, paused: !paused }, data: { paused } }))
          .count > 0
      );
    case 'run': {
      const changed = paused
        ? await tx.$executeRaw`UPDATE run SET paused_at = now() WHERE id = ${scope.runId}::uuid AND paused_at IS NULL AND state <> ALL (${[...SETTLED_STATES]}::text[])`
        : await tx.$executeRaw`UPDATE run SET paused_at = NULL WHERE id = ${scope.runId}::uuid AND paused_at IS NOT NULL`;
      return changed > 0;
    }
  }
}

/** SQL: stage run `s` belongs to the scope. */
function within(scope: Scope): Prisma.Sql {
  switch (scope.kind) {
    case 'system':
      return Prisma.sql`true`;
    case 'queue':
      return Prisma.sql`${queueOf('s.stage')} = ${scope.queue}`;
    case 'repository':
      return Prisma.sql`s.run_id IN (SELECT r.id FROM run r JOIN task t ON t.id = r.task_id WHERE t.repository_id = ${scope.repositoryId}::uuid)`;
    case 'run':
      return Prisma.sql`s.run_id = ${scope.runId}::uuid`;
  }
}
