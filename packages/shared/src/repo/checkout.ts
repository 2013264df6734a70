import { mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type GitOptions, git } from './git.ts';

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
  // Writing many small files waits for the disk more than for the processor.
  await withIndex(commit, workTree, access, (index) =>
    git(['-c', 'checkout.workers=4', 'checkout-index', '--all', '--quiet'], index),
  );
}

/** See Mirror.updateCheckout. */
export async function updateCheckout(
  { from, to, dir }: { readonly from: string; readonly to: string; readonly dir: string },
  access: Access,
): Promise<boolean> {
  const workTree = resolve(dir);
  const { stdout } = await git(['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to], access);
  const fields = stdout.toString('utf8').split('\0');
  const changes = Array.from({ length: Math.floor(fields.length / 2) }, (_, i) => ({
    status: fields[2 * i] as string,
    path: fields[2 * i + 1] as string,
  }));
  if (changes.some(({ path }) => /(^|\/)\.gitattributes$/.test(path))) return false;
  // First what is gone: a folder may stand where a file was, and the other way round.
  for (const { status, path } of changes) if (status !== 'A') await removeFile(workTree, path);
  const written = changes.filter(({ status }) => status !== 'D').map(({ path }) => `${path}\0`);
  if (written.length > 0)
    await withIndex(to, workTree, access, (index) =>
      git(['checkout-index', '--force', '--quiet', '-z', '--stdin'], { ...index, input: written.join('') }),
    );
  return true;
}

/** Removes a file, and the folders that it leaves empty, as git does. */
async function removeFile(workTree: string, path: string): Promise<void> {
  await rm(join(workTree, path), { recursive: true, force: true });
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (
      !(await rmdir(join(workTree, folder)).then(
        () => true,
        () => false,
      ))
    )
      return;
}

/** An index of the commit beside the mirror, for the time of `work`. */
async function withIndex(
  commit: string,
  workTree: string,
  access: Access,
  work: (index: GitOptions) => Promise<unknown>,
): Promise<void> {
  const scratch = await mkdtemp(join(access.gitDir, 'orchestrator-tmp-'));
  const index = { ...access, workTree, cwd: workTree, env: { GIT_INDEX_FILE: join(scratch, 'index') } };
  try {
    await git(['read-tree', commit], index);
    await work(index);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
