import { z } from 'zod';

/** What a source says about its default branch. */
export const DefaultBranch = z.object({
  /** null: it has none; `reason` says why. */
  branch: z.string().nullable(),
  reason: z.string(),
  /** The source has no branch at all. */
  empty: z.boolean(),
  hasHead: z.boolean(),
  /** Length of its commit ids: 64 is a SHA-256 repository. */
  objectFormat: z.enum(['sha1', 'sha256']).nullable(),
});
export type DefaultBranch = z.infer<typeof DefaultBranch>;

const WELL_KNOWN = ['main', 'master', 'trunk'];

/**
 * Reads the output of `git ls-remote --symref`. A server's HEAD is its default branch. In a local checkout HEAD is what
 * somebody happens to work on, so there it comes third: what its origin calls the default, then a well-known name.
 */
export function chooseDefaultBranch(listing: string, kind: 'local' | 'remote'): DefaultBranch {
  const symrefs = new Map<string, string>();
  const refs = new Map<string, string>();
  for (const line of listing.split('\n')) {
    const symref = /^ref: (\S+)\t(\S+)$/.exec(line);
    const ref = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line);
    if (symref?.[1] && symref[2]) symrefs.set(symref[2], symref[1]);
    else if (ref?.[1] && ref[2]) refs.set(ref[2], ref[1]);
  }
  const branches = [...refs.keys()]
    .filter((name) => name.startsWith('refs/heads/'))
    .map((name) => name.slice('refs/heads/'.length));
  const id = refs.values().next().value;
  const known = {
    empty: branches.length === 0,
    hasHead: refs.has('HEAD'),
    objectFormat: id === undefined ? null : id.length === 64 ? ('sha256' as const) : ('sha1' as const),
  };
  const head = symrefs.get('HEAD')?.replace(/^refs\/heads\//, '');
  const originHead = symrefs.get('refs/remotes/origin/HEAD')?.replace(/^refs\/remotes\/origin\//, '');
  const candidates =
    kind === 'remote' ? [head] : [originHead, ...WELL_KNOWN, head, branches.length === 1 ? branches[0] : undefined];
  const branch = candidates.find((name) => name !== undefined && branches.includes(name)) ?? null;
  if (branch !== null) return { ...known, branch, reason: '' };
  const reason =
    head === undefined
      ? 'its HEAD is detached and none of its branches has a usual name'
      : `its HEAD names ${head}, which does not exist`;
  return { ...known, branch, reason };
}
