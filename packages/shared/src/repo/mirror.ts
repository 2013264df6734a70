import type { ChangeSet } from '../contracts/change-set.ts';
import type { RepositoryIdentity } from './identity.ts';

/** One entry of a commit's tree. */
export interface TreeFile {
  /** Relative to the root, forward slashes, exactly the bytes of the tree as UTF-8. */
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly sha: string;
  /** Bytes; 0 for a gitlink. */
  readonly size: number;
}

export interface CommitOptions {
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** Author and committer date: with the same date the same change set gives the same commit id. */
  readonly date: Date;
}

export interface DiffStat {
  readonly files: number;
  readonly addedLines: number;
  readonly deletedLines: number;
}

/**
 * The bare copy of a target repository below ORCHESTRATOR_HOME/mirrors. The user's own checkout is only ever read from
 * (fetch) and, on local publication, given a branch. git runs with a clean environment: no hooks, no fsmonitor, no
 * filters, no user or system configuration.
 */
export interface Mirror {
  readonly gitDir: string;
  /** Where the copy comes from; `url` and `name` hold no credentials. */
  readonly identity: RepositoryIdentity;
  /** Fetches all branches again. Throws REPO_UNREACHABLE, DISK_FULL. Safe from several processes at once. */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Throws REPO_EMPTY, REPO_NO_DEFAULT_BRANCH. `branch`: the configured one, null for the repository's own. */
  head(branch: string | null): Promise<{ readonly branch: string; readonly commit: string }>;
  /** The commit that a name stands for (a branch of the source, HEAD, a commit id); null if there is none. */
  resolve(name: string): Promise<string | null>;
  /** The whole tree of a commit, sorted by path. Gitlinks and symlinks are listed, never followed. */
  listFiles(commit: string): Promise<readonly TreeFile[]>;
  /** When a commit was committed. */
  commitDate(commit: string): Promise<Date>;
  /** The bytes of a regular file at a commit; null if there is none or it is larger than `maxBytes` (default 16 MiB). */
  readFile(commit: string, path: string, maxBytes?: number): Promise<Buffer | null>;
  /** Many at once (one git process); paths that are absent, no regular file or too large are missing from the map. */
  readFiles(commit: string, paths: readonly string[], maxBytes?: number): Promise<ReadonlyMap<string, Buffer>>;
  /**
   * Makes a commit of the base's tree with the change set applied, by git plumbing, without a work tree. Refuses (AppError
   * EDIT_REJECTED) unsafe paths, writes through symlinks or onto folders and gitlinks, and deletes of absent files.
   * Validator and publisher both call this, so what was tested is what is published.
   */
  commitChangeSet(changeSet: ChangeSet, options: CommitOptions): Promise<string>;
  /** Unified diff of two commits (renames detected, binary as git prints it). */
  diff(base: string, head: string): Promise<string>;
  diffStat(base: string, head: string): Promise<DiffStat>;
  /** The commit as a mail that `git am` takes. */
  formatPatch(commit: string): Promise<Buffer>;
  /** The commit that a branch of a remote source has now, asked of the source; null where there is none. */
  remoteBranch(branch: string, signal?: AbortSignal): Promise<string | null>;
  /**
   * Pushes a commit to a branch of a remote source, if that still is at `expected` (null: absent). Throws
   * GITHUB_FORBIDDEN, PUBLISH_FAILED (retryable; also where the branch has moved).
   */
  push(branch: string, commit: string, expected: string | null, signal?: AbortSignal): Promise<void>;
  /** The same two for the source at another URL, which it was moved to. */
  elsewhere(url: string): Pick<Mirror, 'remoteBranch' | 'push'>;
  /** Sets a branch of the mirror itself (refs/heads), where people can fetch it from. */
  setBranch(branch: string, commit: string): Promise<void>;
  /**
   * Writes the files of a commit into `dir`, which must be empty or absent. No .git. Symlinks are written as links,
   * submodules as empty folders. Line endings are those of a plain checkout; filter commands are never run.
   */
  checkout(commit: string, dir: string, signal?: AbortSignal): Promise<void>;
  /**
   * Turns a checkout of `from` that nobody has touched into one of `to`, by writing only what differs. false: it has to be
   * made anew, since attributes of files changed; `dir` is as it was then.
   */
  updateCheckout(from: string, to: string, dir: string, signal?: AbortSignal): Promise<boolean>;
}
