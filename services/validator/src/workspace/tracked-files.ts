import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeFile } from '@orchestrator/shared/repo/mirror.ts';

/** A committed file as it lay in the workspace before anything ran. The change time cannot be set by who owns the file. */
interface Mark {
  readonly file: TreeFile;
  readonly changed: bigint;
  readonly inode: bigint;
}

export type TrackedFiles = readonly Mark[];

/** Notes how the committed files lie in a workspace. */
export function markTracked(work: string, files: readonly TreeFile[]): TrackedFiles {
  return files.flatMap((file) => {
    const found = file.mode.startsWith('100') ? stateOf(join(work, file.path)) : null;
    return found === null ? [] : [{ file, changed: found.ctimeNs, inode: found.ino }];
  });
}

/** Paths of committed files that are gone or hold something else than when they were marked. Links are not followed. */
export async function changedTracked(work: string, marks: TrackedFiles): Promise<string[]> {
  const changed: string[] = [];
  for (const { file, changed: before, inode } of marks) {
    const path = join(work, file.path);
    const now = stateOf(path);
    if (now !== null && now.ctimeNs === before && now.ino === inode) continue;
    if (now === null || !now.isFile() || now.size > MAX_COMPARED_BYTES || !(await holds(path, file)))
      changed.push(file.path);
  }
  return changed;
}

const MAX_COMPARED_BYTES = 64n * 1024n * 1024n;

function stateOf(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    // A folder on the way is no folder any more.
    return null;
  }
}

async function holds(path: string, { sha }: TreeFile): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return false;
  try {
    const content = await file.readFile();
    // A checkout may have written other line endings than the commit holds.
    return [content, Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')].some(
      (bytes) => blobId(bytes, sha.length === 64 ? 'sha256' : 'sha1') === sha,
    );
  } finally {
    await file.close();
  }
}

const blobId = (content: Buffer, algorithm: string): string =>
  createHash(algorithm).update(`blob ${content.length}\0`).update(content).digest('hex');
