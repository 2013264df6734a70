import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors/app-error.ts';
import type { PlatformToken } from './credential.ts';
import { chooseDefaultBranch, type DefaultBranch } from './default-branch.ts';
import { farSide, uploadPackFlags } from './far-side.ts';
import { GitFailure, git } from './git.ts';
import type { RepositoryIdentity } from './identity.ts';

/** Branches of the source; branches under refs/heads of the mirror are our own. */
export const SOURCE_BRANCHES = 'refs/remotes/origin/';
export const SOURCE_HEAD = 'refs/orchestrator/head';
/** Written when a fetch has completed; holds what the source's default branch is. */
export const FETCHED_MARK = 'orchestrator-fetched.json';

const LIST_TIMEOUT_MS = 20_000;
const FETCH_TIMEOUT_MS = 30 * 60_000;
/** git holds a lock file for milliseconds; one this old was left by a process that died. */
const STALE_GIT_LOCK_MS = 10_000;
const TRIES = 60;
const RETRY_MS = 250;

export interface FetchOptions {
  readonly platform: PlatformToken | null;
  readonly signal: AbortSignal | undefined;
}

/** Brings all branches of the source into the mirror. The caller holds the mirror's lock. Throws REPO_UNREACHABLE. */
export async function fetchSource(
  gitDir: string,
  identity: RepositoryIdentity,
  options: FetchOptions,
): Promise<DefaultBranch> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(gitDir, identity, options);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      // A fetch whose parent was killed may still be at work, or has left its lock file: wait for the one, remove the other.
      const passing =
        /cannot lock ref|Unable to create '.*\.lock'|unable to (lock|update)|couldn't find remote ref|File exists/i.test(
          error.reason,
        );
      if (!passing || attempt === TRIES)
        throw new AppError('REPO_UNREACHABLE', { repo: identity.url, reason: await explain(error.reason, identity) });
      await removeStaleGitLocks(gitDir);
      await delay(RETRY_MS, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}

/** A partial clone lacks files that only its own origin has; git calls that corruption. */
async function explain(reason: string, identity: RepositoryIdentity): Promise<string> {
  if (identity.kind === 'remote' || !reason.includes('repository corruption')) return reason;
  const { exitCode } = await git(['config', '--get-regexp', '^remote\\..*\\.promisor$'], {
    gitDir: identity.source,
    exitCodes: [0, 1, 128],
  });
  return exitCode === 0
    ? `it is a partial clone without all files; complete it there with: git fetch --refetch --no-filter`
    : reason;
}

async function fetchOnce(
  gitDir: string,
  identity: RepositoryIdentity,
  { platform, signal }: FetchOptions,
): Promise<DefaultBranch> {
  const far = await farSide({ gitDir, identity, platform, signal });
  const uploadPack = uploadPackFlags(identity);
  const listed = await git(
    ['ls-remote', '--symref', ...uploadPack, '--', identity.source, 'HEAD', 'refs/heads/*', 'refs/remotes/origin/HEAD'],
    { ...far, timeoutMs: LIST_TIMEOUT_MS },
  );
  const chosen = chooseDefaultBranch(listed.stdout.toString('utf8'), identity.kind);
  const refspecs = [`+refs/heads/*:${SOURCE_BRANCHES}*`, ...(chosen.hasHead ? [`+HEAD:${SOURCE_HEAD}`] : [])];
  const flags = [
    '--quiet',
    '--prune',
    '--no-tags',
    '--no-write-fetch-head',
    '--update-shallow',
    '--no-recurse-submodules',
    '--no-auto-maintenance',
  ];
  await git(['fetch', ...flags, ...uploadPack, '--', identity.source, ...refspecs], {
    ...far,
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  await writeFile(join(gitDir, FETCHED_MARK), JSON.stringify(chosen));
  return chosen;
}

/** Removes lock files of refs and configuration that a killed process left behind. */
export async function removeStaleGitLocks(gitDir: string): Promise<void> {
  const refs = await readdir(join(gitDir, 'refs'), { recursive: true, withFileTypes: true });
  const locks = [
    ...refs
      .filter((entry) => entry.isFile() && entry.name.endsWith('.lock'))
      .map((entry) => join(entry.parentPath, entry.name)),
    ...['packed-refs.lock', 'shallow.lock', 'config.lock', 'HEAD.lock'].map((name) => join(gitDir, name)),
  ];
  for (const lock of locks) await removeIfOld(lock, STALE_GIT_LOCK_MS);
}

/** Removes a file or folder that nobody has written to for `ageMs`. */
export async function removeIfOld(path: string, ageMs: number): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats !== null && Date.now() - stats.mtimeMs > ageMs) await rm(path, { recursive: true, force: true });
}
