import type { Database } from '@orchestrator/shared/db/client.ts';
import { branchName } from '@orchestrator/shared/repo/branch-name.ts';

/** Name of the task's files in ORCHESTRATOR_HOME/patches, without extension; other repositories may have the same key. */
export async function patchName(
  db: Database,
  task: { readonly key: string },
  repository: { readonly id: string },
): Promise<string> {
  const others = await db.task.count({ where: { key: task.key, repositoryId: { not: repository.id } } });
  const name = branchName(task.key).replaceAll('/', '-');
  return others === 0 ? name : `${name}-${repository.id.slice(0, 8)}`;
}
