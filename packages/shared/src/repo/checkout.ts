import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { git } from './git.ts';

interface Access {
  readonly gitDir: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the files of a commit into `dir`, as a plain checkout would (line endings by .gitattributes; filter commands
 * are never run). A submodule is an empty folder.
 */
export async function checkoutInto(commit: string, dir: string, access: Access): Promise<void> {
  const workTree = resolve(dir);
  await mkdir(workTree, { recursive: true });
  if ((await readdir(workTree)).length > 0) throw new Error(`${workTree} is not empty`);
  const scratch = await mkdtemp(join(access.gitDir, 'orchestrator-tmp-'));
  const index = { ...access, workTree, cwd: workTree, env: { GIT_INDEX_FILE: join(scratch, 'index') } };
  try {
    await git(['read-tree', commit], index);
    // Writing many small files waits for the disk more than for the processor.
    await git(['-c', 'checkout.workers=4', 'checkout-index', '--all', '--quiet'], index);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
