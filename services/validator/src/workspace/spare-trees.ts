import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { removeTree } from './run-directory.ts';

/**
 * Checkouts of base commits that lie ready below ORCHESTRATOR_HOME/cache/trees, one a repository. A spare is made by git and
 * touched by nobody; it is taken by moving it away, so that no command ever runs in one that another run will use.
 */
export interface SpareOptions {
  readonly home: string;
  readonly repositoryId: string;
  readonly mirror: Mirror;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/** A smaller repository is written as fast as a spare is taken. */
const MIN_FILES = 1_000;
const MAX_BYTES = 2 * 1024 * 1024 * 1024;
const KEPT_REPOSITORIES = 8;
const COMMIT = /^[0-9a-f]{40,64}$/;

const folderOf = (home: string, repositoryId: string): string => join(home, 'cache', 'trees', repositoryId);

/** Writes the files of a commit into `dir`, an empty folder: from a spare of another commit where there is one. */
export async function populateWorkspace({
  home,
  repositoryId,
  mirror,
  commit,
  signal,
  dir,
}: SpareOptions & { readonly dir: string }): Promise<void> {
  const spare = await takeSpare(folderOf(home, repositoryId), dir);
  if (spare !== null) {
    const updated = spare === commit || (await mirror.updateCheckout(spare, commit, dir, signal).catch(() => false));
    if (updated) return;
    signal.throwIfAborted();
    await removeTree(dir);
    await mkdir(dir);
  }
  await mirror.checkout(commit, dir, signal);
}

/** Moves a spare into place; the commit that it is of, or null where there is none. */
async function takeSpare(folder: string, dir: string): Promise<string | null> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!COMMIT.test(name)) continue;
    // Another run may have been faster.
    const taken = await rename(join(folder, name), dir).then(
      () => true,
      () => false,
    );
    if (taken) return name;
  }
  return null;
}

/** Makes a spare of a commit where the repository has none of it. Never throws: it is only there to save time. */
export async function layInSpare({ home, repositoryId, mirror, commit, signal }: SpareOptions): Promise<void> {
  const folder = folderOf(home, repositoryId);
  const aside = join(folder, `making-${process.pid}-${randomUUID()}`);
  try {
    const files = await mirror.listFiles(commit);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length < MIN_FILES || bytes > MAX_BYTES) return;
    await mkdir(folder, { recursive: true });
    await sweep(folder, commit);
    if ((await readdir(folder)).includes(commit)) return;
    await mirror.checkout(commit, aside, signal);
    await rename(aside, join(folder, commit));
    await evict(join(home, 'cache', 'trees'));
  } catch {
    await removeTree(aside).catch(() => {});
  }
}

/** Removes spares of other commits, and what processes that are gone had begun. */
async function sweep(folder: string, commit: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const maker = Number(/^making-(\d+)-/.exec(name)?.[1] ?? 0);
    if (name !== commit && (maker === 0 || !isAlive(maker))) await removeTree(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Keeps the repositories that were worked on last. */
async function evict(parent: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(parent)).map(async (name) => ({ name, at: (await stat(join(parent, name))).mtimeMs })),
  );
  for (const { name } of folders.sort((a, b) => b.at - a.at).slice(KEPT_REPOSITORIES))
    await removeTree(join(parent, name));
}
