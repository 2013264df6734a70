import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';

/** Throws REPO_UNKNOWN unless there is the repository of that id, or of that address. */
export async function requireRepository(
  db: Database,
  where: { readonly id: string } | { readonly url: string },
): Promise<void> {
  if ((await db.repository.count({ where })) > 0) return;
  throw new AppError('REPO_UNKNOWN', { repository: 'id' in where ? where.id : where.url });
}
