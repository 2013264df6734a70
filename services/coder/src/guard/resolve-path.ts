import type { CurrentTree } from './base-files.ts';
import { likelyMeant, mixesAlphabets, normalisePath } from './path-rules.ts';
import { type Complaint, complaint } from './rejection.ts';

/** The path of a file that has to exist: the tree's own spelling. */
export function resolveExisting(tree: CurrentTree, written: string): string | Complaint {
  const path = normalisePath(written);
  if (typeof path !== 'string') return path;
  const own = ownSpelling(tree, path);
  const file = own === null ? null : tree.get(own);
  if (own === null || file === null) return missing(tree, path);
  return special(file.mode, own) ?? own;
}

/**
 * The path of a file that an update means, where the tree has it under a longer or shorter path, or in another letter
 * case: only if exactly one fits. The caller makes sure that the update names lines of it.
 */
export function resolveUpdated(tree: CurrentTree, written: string): string | Complaint {
  const path = resolveExisting(tree, written);
  if (typeof path === 'string' || path.code !== 'FILE_NOT_FOUND') return path;
  const meant = likelyMeant(tree.paths(), normalisePath(written) as string);
  return meant.length === 1 ? resolveExisting(tree, meant[0] as string) : path;
}

/** The path of a file that may be new. It may neither hide, nor lie below, nor differ only in case from what is there. */
export function resolveTarget(tree: CurrentTree, written: string): string | Complaint {
  const path = normalisePath(written);
  if (typeof path !== 'string') return path;
  const own = ownSpelling(tree, path);
  const file = own === null ? null : tree.get(own);
  if (own !== null && file !== null) return special(file.mode, own) ?? own;
  if (tree.isFolder(path)) return complaint('PATH_COLLISION', `${path} is a folder.`);
  if (mixesAlphabets(path))
    return complaint('PATH_REJECTED', `The path ${path} mixes letters of different alphabets that look alike.`);
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const prefix = path.slice(0, end);
    const other = [...tree.spellings(prefix)].find((spelling) => spelling !== prefix);
    if (other !== undefined && !tree.spellings(prefix).has(prefix)) {
      return complaint(
        'PATH_COLLISION',
        `${prefix} differs only in letter case or composition from ${other}, which exists: use ${other}.`,
      );
    }
    const parent = end < path.length ? tree.get(prefix) : null;
    if (parent)
      return (
        special(parent.mode, prefix) ?? complaint('PATH_COLLISION', `${prefix} is a file, so nothing can lie below it.`)
      );
  }
  return path;
}

function ownSpelling(tree: CurrentTree, path: string): string | null {
  if (tree.get(path)) return path;
  // macOS and some tools store decomposed letters; the model does not see the difference.
  return [...tree.spellings(path)].find((spelling) => spelling.normalize('NFC') === path && tree.get(spelling)) ?? null;
}

function special(mode: string, path: string): Complaint | null {
  if (mode === '120000')
    return complaint('MODE_REJECTED', `${path} is a symbolic link, which is neither changed nor followed.`);
  if (mode === '160000') return complaint('MODE_REJECTED', `${path} is a submodule, which is not changed.`);
  return null;
}

function missing(tree: CurrentTree, path: string): Complaint {
  if (tree.isFolder(path)) return complaint('PATH_COLLISION', `${path} is a folder.`);
  const otherCase = [...tree.spellings(path)][0];
  if (otherCase !== undefined) return complaint('FILE_NOT_FOUND', `${path} does not exist; ${otherCase} does.`);
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const mode = tree.get(path.slice(0, end))?.mode;
    const link = mode === undefined ? null : special(mode, path.slice(0, end));
    if (link) return link;
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  const elsewhere = tree.base.tree
    .filter((entry) => entry.path.endsWith(`/${name}`))
    .map((entry) => entry.path)
    .slice(0, 3);
  const hint =
    elsewhere.length > 0
      ? ` Is one of these meant: ${elsewhere.join(', ')}?`
      : ' To make a new file, use *** Add File.';
  return complaint('FILE_NOT_FOUND', `${path} does not exist.${hint}`);
}
