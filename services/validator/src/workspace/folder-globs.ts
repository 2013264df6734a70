import { readdir } from 'node:fs/promises';
import { join } from 'node:path/posix';
import picomatch from 'picomatch';

const MAX_ENTRIES = 500_000;

export interface WalkOptions {
  readonly globs: readonly string[];
  /** What is looked for; a folder that matches is not searched. */
  readonly kind: 'folder' | 'file';
  /** Folders that are not entered unless a glob names them. */
  readonly skip?: readonly string[];
}

/** Paths below `root` that match, relative to it. Never follows a link; links and special files never match. */
export async function findByGlob(root: string, { globs, kind, skip = ['.git'] }: WalkOptions): Promise<string[]> {
  if (globs.length === 0) return [];
  const matches = picomatch([...globs], { dot: true });
  const skipped = new Set(skip.filter((name) => !globs.some((glob) => glob.split('/').includes(name))));
  const found: string[] = [];
  const folders = [''];
  let entries = 0;
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
      if (++entries > MAX_ENTRIES) return found;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (kind === 'folder' && matches(path)) found.push(path);
        else if (!skipped.has(entry.name)) folders.push(path);
      } else if (kind === 'file' && entry.isFile() && matches(path)) found.push(path);
    }
  }
  return found.sort();
}
