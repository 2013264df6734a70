import type { Mirror, TreeFile } from '@orchestrator/shared/repo/mirror.ts';

export interface OfferedChange {
  /** The change is from this commit ... */
  readonly base: string;
  /** ... to this one. */
  readonly head: string;
  /** What it is to be merged into, as it is now. */
  readonly baseHead: string;
}

/**
 * Whether each file that a change touches is at the head of its base branch as the change makes it, so that merging it
 * would change nothing. False where one of the commits is not in the mirror.
 */
export async function isInBase(mirror: Mirror, { base, head, baseHead }: OfferedChange): Promise<boolean> {
  if (base === baseHead) return false;
  for (const commit of [base, head, baseHead]) if ((await mirror.resolve(commit)) === null) return false;
  const [before, after, now] = [await treeOf(mirror, base), await treeOf(mirror, head), await treeOf(mirror, baseHead)];
  const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  return touched.length > 0 && touched.every((path) => after.get(path) === now.get(path));
}

async function treeOf(mirror: Mirror, commit: string): Promise<ReadonlyMap<string, string>> {
  const files: readonly TreeFile[] = await mirror.listFiles(commit);
  return new Map(files.map(({ path, mode, sha }) => [path, `${mode} ${sha}`]));
}
