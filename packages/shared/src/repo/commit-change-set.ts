import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeSet, FileChange } from '../contracts/change-set.ts';
import { AppError } from '../errors/app-error.ts';
import { findConflict } from './change-conflict.ts';
import { git, gitText } from './git.ts';
import type { CommitOptions, TreeFile } from './mirror.ts';

interface Access {
  readonly gitDir: string;
  readonly signal?: AbortSignal | undefined;
}

/** See Mirror.commitChangeSet. `tree` is the base commit's. */
export async function commitChangeSet(
  changeSet: ChangeSet,
  tree: readonly TreeFile[],
  options: CommitOptions,
  access: Access,
): Promise<string> {
  const conflict = findConflict(changeSet.files, tree);
  if (conflict !== null)
    throw new AppError('EDIT_REJECTED', {
      problem: `${JSON.stringify(conflict.path)} ${conflict.problem}`,
      path: conflict.path,
    });
  const scratch = await mkdtemp(join(access.gitDir, 'orchestrator-tmp-'));
  try {
    const blobs = await writeBlobs(changeSet.files, scratch, access);
    const index = { ...access, env: { GIT_INDEX_FILE: join(scratch, 'index') } };
    await git(['read-tree', changeSet.baseCommit], index);
    await git(['update-index', '-z', '--index-info'], { ...index, input: indexInfo(changeSet, blobs) });
    const treeId = await gitText(['write-tree'], index);
    return await gitText(['commit-tree', treeId, '-p', changeSet.baseCommit, '-F', '-'], {
      ...access,
      input: options.message,
      env: identityEnvironment(options),
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Stores the contents as they are, unfiltered; gives the blob id of each written path. */
async function writeBlobs(
  files: readonly FileChange[],
  scratch: string,
  access: Access,
): Promise<ReadonlyMap<string, string>> {
  const written = files.filter((file) => file.op === 'write');
  if (written.length === 0) return new Map();
  const names = written.map((_, index) => join(scratch, String(index)));
  for (const [index, file] of written.entries())
    await writeFile(names[index] as string, Buffer.from(file.contentBase64, 'base64'));
  const ids = (
    await gitText(['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...access, input: `${names.join('\n')}\n` })
  ).split('\n');
  return new Map(written.map((file, index) => [file.path, ids[index] as string]));
}

/** Removals first, so that a folder may take the place of a removed file. */
function indexInfo({ baseCommit, files }: ChangeSet, blobs: ReadonlyMap<string, string>): string {
  const nothing = '0'.repeat(baseCommit.length);
  const removals = files.filter((file) => file.op === 'delete').map((file) => `0 ${nothing}\t${file.path}\0`);
  const writes = files
    .filter((file) => file.op === 'write')
    .map((file) => `${file.mode} ${blobs.get(file.path)}\t${file.path}\0`);
  return [...removals, ...writes].join('');
}

function identityEnvironment({ authorName, authorEmail, date }: CommitOptions): Record<string, string> {
  const at = `@${Math.floor(date.getTime() / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: authorName,
    GIT_AUTHOR_EMAIL: authorEmail,
    GIT_AUTHOR_DATE: at,
    GIT_COMMITTER_NAME: authorName,
    GIT_COMMITTER_EMAIL: authorEmail,
    GIT_COMMITTER_DATE: at,
  };
}
