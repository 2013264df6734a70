/** A part of a repository that is built and tested by itself, with those that it uses. */
export interface Part {
  /** Relative to the project; '' is its root. */
  readonly folder: string;
  /** Whether it needs the other one, to build or to test, by what its manifest says. */
  readonly uses: (other: this) => boolean;
}

/**
 * The parts in a folder, and all that need one of them, straight or through others: what a change to the folder can break.
 * The folder's own come first.
 */
export function withDependents<T extends Part>(folder: string, parts: readonly T[]): T[] {
  const found = parts.filter((part) => part.folder === folder || part.folder.startsWith(`${folder}/`));
  const left = new Set(parts.filter((part) => !found.includes(part)));
  for (const part of found)
    for (const other of left)
      if (other.uses(part)) {
        found.push(other);
        left.delete(other);
      }
  return found;
}
