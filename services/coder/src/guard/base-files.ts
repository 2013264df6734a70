import type { ChangeSet, FileChange } from '@orchestrator/shared/contracts/change-set.ts';
import type { Mirror, TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { foldPath, likelyMeant } from './path-rules.ts';

export type BaseEntry = Pick<TreeFile, 'path' | 'mode' | 'size'>;

/** The base commit as the guard reads it. */
export interface BaseFiles {
  readonly commit: string;
  /** The whole tree: files, symlinks and gitlinks. */
  readonly tree: readonly BaseEntry[];
  /** The bytes of a regular file; null if there is none or it is larger than the reader takes. */
  content(path: string): Buffer | null;
}

/** The base commit of a mirror. What will be asked for has to be loaded before: the guard itself does not wait. */
export class MirrorFiles implements BaseFiles {
  readonly commit: string;
  readonly tree: readonly TreeFile[];
  readonly #mirror: Mirror;
  readonly #maxBytes: number;
  readonly #contents = new Map<string, Buffer | null>();

  constructor(mirror: Mirror, commit: string, tree: readonly TreeFile[], maxBytes: number) {
    this.#mirror = mirror;
    this.commit = commit;
    this.tree = tree;
    this.#maxBytes = maxBytes;
  }

  /** Reads ahead every file that one of `paths` may mean: models write other letter cases and Unicode forms. */
  async load(paths: readonly string[]): Promise<void> {
    const written = paths.map((path) =>
      path
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/'),
    );
    const wanted = new Set(written.map(foldPath));
    const known = new Set(this.tree.map((entry) => entry.path));
    for (const path of written.filter((each) => !known.has(each))) {
      const meant = likelyMeant(known, path);
      if (meant.length === 1) wanted.add(foldPath(meant[0] as string));
    }
    const missing = this.tree
      .filter(
        (entry) => entry.mode.startsWith('100') && wanted.has(foldPath(entry.path)) && !this.#contents.has(entry.path),
      )
      .map((entry) => entry.path);
    if (missing.length === 0) return;
    const read = await this.#mirror.readFiles(this.commit, missing, this.#maxBytes);
    for (const path of missing) this.#contents.set(path, read.get(path) ?? null);
  }

  content(path: string): Buffer | null {
    return this.#contents.get(path) ?? null;
  }
}

/** The base commit with the contents of `paths` read. */
export async function readBaseFiles(
  mirror: Mirror,
  commit: string,
  tree: readonly TreeFile[],
  paths: readonly string[],
  maxBytes: number,
): Promise<BaseFiles> {
  const files = new MirrorFiles(mirror, commit, tree, maxBytes);
  await files.load(paths);
  return files;
}

/** One file as it stands. */
export interface CurrentFile {
  readonly mode: TreeFile['mode'];
  /** Null for what has no readable bytes: symlinks, gitlinks, files over the limit. */
  readonly bytes: () => Buffer | null;
  /** Whether the base commit has it under this path. */
  readonly inBase: boolean;
}

/** The base commit with the change set of the earlier rounds laid over it. */
export class CurrentTree {
  readonly base: BaseFiles;
  readonly #files = new Map<string, CurrentFile>();
  readonly #baseEntries: ReadonlyMap<string, BaseEntry>;
  /** Folded path of each file and folder to its own spellings. */
  readonly #folded = new Map<string, Set<string>>();

  constructor(base: BaseFiles, previous: ChangeSet | null) {
    this.base = base;
    this.#baseEntries = new Map(base.tree.map((entry) => [entry.path, entry]));
    for (const entry of base.tree)
      this.#files.set(entry.path, { mode: entry.mode, bytes: () => base.content(entry.path), inBase: true });
    for (const change of previous?.files ?? []) this.#overlay(change);
    for (const path of this.#files.keys()) this.#remember(path);
  }

  get(path: string): CurrentFile | null {
    return this.#files.get(path) ?? null;
  }

  paths(): Iterable<string> {
    return this.#files.keys();
  }

  baseEntry(path: string): BaseEntry | null {
    return this.#baseEntries.get(path) ?? null;
  }

  /** Spellings of files and folders that a file system which ignores case would take for `path`. */
  spellings(path: string): ReadonlySet<string> {
    return this.#folded.get(foldPath(path)) ?? new Set();
  }

  /** Whether something lies below `path`. */
  isFolder(path: string): boolean {
    return !this.#files.has(path) && this.spellings(path).has(path);
  }

  #overlay(change: FileChange): void {
    if (change.op === 'delete') {
      this.#files.delete(change.path);
      return;
    }
    const bytes = Buffer.from(change.contentBase64, 'base64');
    this.#files.set(change.path, { mode: change.mode, bytes: () => bytes, inBase: this.#baseEntries.has(change.path) });
  }

  #remember(path: string): void {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const prefix = path.slice(0, end);
      const folded = foldPath(prefix);
      const spellings = this.#folded.get(folded);
      // A folder that is known has its parents known, too.
      if (spellings?.has(prefix)) return;
      if (spellings) spellings.add(prefix);
      else this.#folded.set(folded, new Set([prefix]));
    }
  }
}
