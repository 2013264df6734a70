import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { unreadableByName } from '@orchestrator/shared/repo/unreadable.ts';
import picomatch from 'picomatch';

export interface CheckedPaths {
  /** With paths normalised, and without what may be dropped. */
  readonly specification: Specification;
  /** No specification that can be worked with: has to be answered again. */
  readonly problems: readonly string[];
  /** Dropped or corrected: worth one more question, and no reason to fail. */
  readonly dropped: readonly string[];
}

/** Holds the paths of a specification against the tree of the base commit and the protected paths. */
export function checkPaths(
  specification: Specification,
  tree: readonly TreeFile[],
  protectedPaths: readonly string[],
): CheckedPaths {
  const files = new Map(tree.map((file) => [file.path, file]));
  const isProtected = picomatch([...protectedPaths], { dot: true });
  const problems: string[] = [];
  const dropped: string[] = [];

  const filesToChange = specification.filesToChange.flatMap((change) => {
    const path = normalised(change.path);
    const file = files.get(path);
    if (!isInside(path)) problems.push(`filesToChange: ${change.path} is not a path below the repository's root`);
    else if (change.action !== 'create' && !file)
      problems.push(`filesToChange: ${path} does not exist, so it cannot be ${change.action}d`);
    else if (file && cannotBeRead(file))
      problems.push(`filesToChange: ${path} cannot be used: it ${unreadableByName(file)}`);
    else if (isProtected(path)) dropped.push(`filesToChange: ${path} is protected`);
    // Creating what exists is an update: the coder has to see what is there.
    else return [{ ...change, path, action: change.action === 'create' && file ? ('update' as const) : change.action }];
    return [];
  });
  if (filesToChange.length === 0 && problems.length === 0) problems.push('filesToChange: there is no file to change');

  const filesToRead = [...new Set(specification.filesToRead.map(normalised))].filter((path) => {
    const file = files.get(path);
    const reason = file ? unreadableByName(file) : 'does not exist';
    if (reason) dropped.push(`filesToRead: ${path} ${file ? 'cannot be shown: it ' : ''}${reason}`);
    return reason === null && !filesToChange.some((change) => change.path === path);
  });
  return { specification: { ...specification, filesToChange, filesToRead }, problems, dropped };
}

const normalised = (path: string): string =>
  path
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
const isInside = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('/') &&
  !/^[A-Za-z]:/.test(path) &&
  !path.split('/').some((name) => name === '' || name === '.' || name === '..' || name === '.git');
/** Lock files and generated files may have to change; what is no text, or may be a secret, is not given to a model. */
const cannotBeRead = (file: TreeFile): boolean => /secret|binary|no regular/.test(unreadableByName(file) ?? '');
