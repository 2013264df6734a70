import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discardEmbeddedPostgres, hasEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { z } from 'zod';

/** Which state the database below a home is a copy of. */
const LocalCopy = z.object({
  repo: z.string(),
  branch: z.string(),
  commit: z.string(),
  /** Made by a run, which has given back all that it did; not by a person, who may have done something since. */
  ofRun: z.boolean(),
});
export type LocalCopy = z.infer<typeof LocalCopy>;

const fileOf = (home: string): string => join(home, 'state', 'copy.json');
const databaseOf = (home: string): string => join(home, 'postgres');

export function readLocalCopy(home: string): LocalCopy | null {
  if (!existsSync(fileOf(home))) return null;
  return LocalCopy.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')));
}

export function writeLocalCopy(home: string, copy: LocalCopy): void {
  writeFileSync(fileOf(home), `${JSON.stringify(copy)}\n`);
}

export const hasDatabase = (home: string): boolean => hasEmbeddedPostgres(databaseOf(home));

/**
 * Makes room for a copy. A database that is none, or that a person pulled and may have changed, is not thrown away unasked:
 * throws HOME_HAS_DATABASE.
 */
export async function makeRoom(home: string, { replace }: { readonly replace: boolean }): Promise<void> {
  if (!hasDatabase(home)) return;
  if (!replace && readLocalCopy(home)?.ofRun !== true) throw new AppError('HOME_HAS_DATABASE', { path: home });
  await discardEmbeddedPostgres(databaseOf(home));
}
