import { type GitOptions, git } from './git.ts';
import type { TreeFile } from './mirror.ts';

type Access = Pick<GitOptions, 'gitDir' | 'signal'>;

/** The whole tree of a commit, in the byte order of paths. Throws GitFailure if there is no such commit. */
export async function listTree(commit: string, access: Access): Promise<readonly TreeFile[]> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], access);
  const files: TreeFile[] = [];
  for (const entry of stdout.toString('utf8').split('\0')) {
    const match = /^(\d{6}) \S+ ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(entry);
    if (match)
      files.push({
        mode: match[1] as TreeFile['mode'],
        sha: match[2] as string,
        size: Number(match[3] === '-' ? 0 : match[3]),
        path: match[4] as string,
      });
  }
  return files;
}

export const isRegular = (file: TreeFile): boolean => file.mode === '100644' || file.mode === '100755';

/** One git process reads at most so much at once. */
const BATCH_BYTES = 64 * 1024 * 1024;

/** The bytes of blobs, by blob id. */
export async function readBlobs(blobs: readonly TreeFile[], access: Access): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  let batch: TreeFile[] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length > 0)
      readBatch(
        (await git(['cat-file', '--batch'], { ...access, input: `${batch.map((file) => file.sha).join('\n')}\n` }))
          .stdout,
        contents,
      );
    batch = [];
    bytes = 0;
  };
  for (const blob of blobs) {
    if (bytes + blob.size > BATCH_BYTES) await flush();
    batch.push(blob);
    bytes += blob.size;
  }
  await flush();
  return contents;
}

/** `<id> blob <size>\n<bytes>\n`, again and again; `<id> missing\n` for what is not there. */
function readBatch(output: Buffer, contents: Map<string, Buffer>): void {
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf(0x0a, at);
    const [sha, type, size] = output.toString('latin1', at, lineEnd).split(' ');
    at = lineEnd + 1;
    if (size === undefined) continue;
    const end = at + Number(size);
    if (sha !== undefined && type === 'blob') contents.set(sha, output.subarray(at, end));
    at = end + 1;
  }
}
