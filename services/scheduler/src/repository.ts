import type { Database } from '@orchestrator/shared/db/client.ts';

/** What the scheduler needs to know of a repository: a part of its row. */
export interface RepositoryRef {
  readonly id: string;
  /** A git URL or an absolute path, without credentials: RepositoryIdentity.url. */
  readonly url: string;
  readonly name: string;
}

/** The row of a repository; made if there is none. */
export async function ensureRepository(db: Database, { url, name }: Omit<RepositoryRef, 'id'>): Promise<RepositoryRef> {
  const row = await db.repository.upsert({ where: { url }, create: { url, name }, update: {} });
  return { id: row.id, url: row.url, name: row.name };
}

/** The repositories that are worked on, paused ones left out. */
export const activeRepositories = (db: Database): Promise<RepositoryRef[]> =>
  db.repository.findMany({
    where: { paused: false },
    orderBy: { createdAt: 'asc' },
    select: { id: true, url: true, name: true },
  });
