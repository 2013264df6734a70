import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeSet } from '../contracts/change-set.ts';
import { AppError } from '../errors/app-error.ts';
import { checkoutInto, updateCheckout } from './checkout.ts';
import { commitChangeSet } from './commit-change-set.ts';
import type { PlatformToken } from './credential.ts';
import { DefaultBranch } from './default-branch.ts';
import { diffCommits, diffStat, formatPatch } from './diff.ts';
import type { FarSide } from './far-side.ts';
import { FETCHED_MARK, SOURCE_BRANCHES, SOURCE_HEAD } from './fetch.ts';
import { git, gitText } from './git.ts';
import type { RepositoryIdentity } from './identity.ts';
import type { CommitOptions, DiffStat, Mirror, TreeFile } from './mirror.ts';
import { pushBranch, remoteBranch } from './push.ts';
import { storageError } from './storage-error.ts';
import { isRegular, listTree, readBlobs } from './tree.ts';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** Trees of commits never change; the last ones asked for are kept. */
const KEPT_TREES = 3;
const COMMIT_ID = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

interface Parts {
  readonly gitDir: string;
  readonly identity: RepositoryIdentity;
  readonly platform: PlatformToken | null;
  readonly refresh: (signal?: AbortSignal) => Promise<void>;
  readonly lock: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The Mirror on git's plumbing; made by openMirror. */
export class GitMirror implements Mirror {
  readonly gitDir: string;
  readonly identity: RepositoryIdentity;
  readonly #parts: Parts;
  readonly #trees = new Map<string, Promise<readonly TreeFile[]>>();

  constructor(parts: Parts) {
    this.gitDir = parts.gitDir;
    this.identity = parts.identity;
    this.#parts = parts;
  }

  refresh(signal?: AbortSignal): Promise<void> {
    return this.#store(this.#parts.refresh(signal));
  }

  async head(branch: string | null): Promise<{ readonly branch: string; readonly commit: string }> {
    const repo = this.identity.url;
    const source = DefaultBranch.parse(JSON.parse(await readFile(join(this.gitDir, FETCHED_MARK), 'utf8')));
    if (source.empty) throw new AppError('REPO_EMPTY', { repo });
    const name = branch ?? source.branch;
    if (name === null) throw new AppError('REPO_NO_DEFAULT_BRANCH', { repo, reason: source.reason });
    const commit = await this.#verify(`${SOURCE_BRANCHES}${name}`);
    if (commit === null) throw new AppError('REPO_NO_DEFAULT_BRANCH', { repo, reason: `it has no branch ${name}` });
    return { branch: name, commit };
  }

  async resolve(name: string): Promise<string | null> {
    if (COMMIT_ID.test(name)) return this.#verify(name);
    if (name === 'HEAD') return this.#verify(SOURCE_HEAD);
    return (await this.#verify(`${SOURCE_BRANCHES}${name}`)) ?? this.#verify(`refs/heads/${name}`);
  }

  listFiles(commit: string): Promise<readonly TreeFile[]> {
    if (!COMMIT_ID.test(commit)) return Promise.reject(new TypeError(`${JSON.stringify(commit)} is no commit id`));
    const known = this.#trees.get(commit);
    if (known) return known;
    const tree = listTree(commit, this.#access());
    this.#trees.set(commit, tree);
    tree.catch(() => this.#trees.delete(commit));
    for (const oldest of this.#trees.keys()) if (this.#trees.size > KEPT_TREES) this.#trees.delete(oldest);
    return tree;
  }

  async commitDate(commit: string): Promise<Date> {
    const seconds = await gitText(
      ['show', '--no-patch', '--no-show-signature', '--format=%ct', '--end-of-options', commit],
      this.#access(),
    );
    return new Date(Number(seconds) * 1000);
  }

  async readFile(commit: string, path: string, maxBytes?: number): Promise<Buffer | null> {
    return (await this.readFiles(commit, [path], maxBytes)).get(path) ?? null;
  }

  async readFiles(
    commit: string,
    paths: readonly string[],
    maxBytes = DEFAULT_MAX_BYTES,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const wanted = new Set(paths);
    const files = (await this.listFiles(commit)).filter(
      (file) => wanted.has(file.path) && isRegular(file) && file.size <= maxBytes,
    );
    const contents = await readBlobs(files, this.#access());
    return new Map(
      files.flatMap((file) => (contents.has(file.sha) ? [[file.path, contents.get(file.sha) as Buffer]] : [])),
    );
  }

  async commitChangeSet(changeSet: ChangeSet, options: CommitOptions): Promise<string> {
    const tree = await this.listFiles(changeSet.baseCommit);
    return this.#store(commitChangeSet(changeSet, tree, options, this.#access()));
  }

  diff(base: string, head: string): Promise<string> {
    return diffCommits(base, head, this.#access());
  }

  diffStat(base: string, head: string): Promise<DiffStat> {
    return diffStat(base, head, this.#access());
  }

  formatPatch(commit: string): Promise<Buffer> {
    return formatPatch(commit, this.#access());
  }

  remoteBranch(branch: string, signal?: AbortSignal): Promise<string | null> {
    return remoteBranch(branch, this.#far(signal));
  }

  push(branch: string, commit: string, expected: string | null, signal?: AbortSignal): Promise<void> {
    return pushBranch(branch, commit, expected, this.#far(signal));
  }

  elsewhere(url: string): Pick<Mirror, 'remoteBranch' | 'push'> {
    return new GitMirror({ ...this.#parts, identity: { ...this.identity, url, source: url } });
  }

  async setBranch(branch: string, commit: string): Promise<void> {
    const set = this.#parts.lock(() =>
      git(['update-ref', '--end-of-options', `refs/heads/${branch}`, commit], this.#access()),
    );
    await this.#store(set);
  }

  checkout(commit: string, dir: string, signal?: AbortSignal): Promise<void> {
    return checkoutInto(commit, dir, { ...this.#access(), signal });
  }

  updateCheckout(from: string, to: string, dir: string, signal?: AbortSignal): Promise<boolean> {
    return updateCheckout({ from, to, dir }, { ...this.#access(), signal });
  }

  async #verify(name: string): Promise<string | null> {
    const { stdout, exitCode } = await git(
      ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
      { ...this.#access(), exitCodes: [0, 1, 128] },
    );
    return exitCode === 0 ? stdout.toString('utf8').trim() : null;
  }

  async #store<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw storageError(error, this.gitDir);
    });
  }

  #far(signal: AbortSignal | undefined): FarSide {
    return { gitDir: this.gitDir, identity: this.identity, platform: this.#parts.platform, signal };
  }

  #access() {
    return { gitDir: this.gitDir };
  }
}
