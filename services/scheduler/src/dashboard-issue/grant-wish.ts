import type { Transaction } from '@orchestrator/shared/db/client.ts';
import { record } from '@orchestrator/shared/pipeline/control/intervention.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import type { TickedBox } from './dashboard-body.ts';

export interface WishOf extends TickedBox {
  readonly repositoryId: string;
  /** Login of the person. */
  readonly by: string;
}

/** Does what a person asked for, and puts it on record. A task that is gone, or at work by now, is left as it is. */
export async function grantWish(tx: Transaction, { wish, taskKey, repositoryId, by }: WishOf): Promise<void> {
  const affected = await GRANTS[wish](tx, repositoryId, taskKey);
  await record(tx, wish, { actor: `github:${by}` }, { repositoryId, task: taskKey }, affected);
}

type Grant = (tx: Transaction, repositoryId: string, taskKey: string) => Promise<number>;

const GRANTS: Readonly<Record<TickedBox['wish'], Grant>> = {
  retry: (tx, repositoryId, taskKey) =>
    tx.$executeRaw`
      UPDATE task t SET retry_requested_at = coalesce(t.retry_requested_at, now()), skipped_revision = NULL
      WHERE t.repository_id = ${repositoryId}::uuid AND t.key = ${taskKey} AND t.status IN ('ready', 'blocked')
        AND NOT EXISTS (SELECT FROM run r WHERE r.task_id = t.id AND r.state <> ALL (${[...SETTLED_STATES]}::text[]))`,
  approve: (tx, repositoryId, taskKey) =>
    tx.$executeRaw`
      UPDATE task t SET approved_revision = t.revision, skipped_revision = NULL
      WHERE t.repository_id = ${repositoryId}::uuid AND t.key = ${taskKey} AND t.status IN ('ready', 'blocked')`,
  skip: (tx, repositoryId, taskKey) =>
    tx.$executeRaw`
      UPDATE task t SET skipped_revision = t.revision, retry_requested_at = NULL
      WHERE t.repository_id = ${repositoryId}::uuid AND t.key = ${taskKey}`,
};
