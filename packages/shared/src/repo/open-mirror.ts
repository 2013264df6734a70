import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { PlatformToken } from './credential.ts';
import { DefaultBranch } from './default-branch.ts';
import { FETCHED_MARK } from './fetch.ts';
import { fetchIntoMirror } from './fetch-into-mirror.ts';
import { GitMirror } from './git-mirror.ts';
import { identifyRepository } from './identity.ts';
import type { Mirror } from './mirror.ts';
import { withLock } from './mirror-lock.ts';
import { storageError } from './storage-error.ts';

export interface OpenMirrorOptions {
  /** A folder or a git URL, as the user gave it. */
  readonly repo: string;
  /** ORCHESTRATOR_HOME. */
  readonly home: string;
  readonly log: Logger;
  /** Ends the opening; the opened mirror does not depend on it. */
  readonly signal?: AbortSignal | undefined;
  /** A commit that has to be in the mirror: it is fetched again if it is not. */
  readonly commit?: string | undefined;
  /** Of the GitHub at GITHUB_API_URL; offered to that platform's address only. */
  readonly platform?: PlatformToken | null;
}

/**
 * Opens the mirror of a repository; makes and fetches it if that has not been done yet, and repairs what a killed
 * process left behind. An existing mirror is opened without touching the network.
 * Throws REPO_NOT_FOUND, REPO_UNREACHABLE, HOME_NOT_WRITABLE, DISK_FULL, TOOL_MISSING.
 */
export async function openMirror({
  repo,
  home,
  log,
  signal,
  commit,
  platform = null,
}: OpenMirrorOptions): Promise<Mirror> {
  const identity = await identifyRepository(repo);
  const folder = join(home, 'mirrors');
  const gitDir = join(folder, identity.mirrorName);
  const lockPath = `${gitDir}.lock`;
  const refresh = async (refreshSignal?: AbortSignal) => {
    await withLock(lockPath, refreshSignal, () =>
      fetchIntoMirror(gitDir, identity, { platform, signal: refreshSignal }, log),
    );
  };
  const mirror = new GitMirror({
    gitDir,
    identity,
    platform,
    refresh,
    lock: (work) => withLock(lockPath, undefined, work),
  });
  try {
    await mkdir(folder, { recursive: true });
    const marked = await readMark(gitDir);
    if (marked === null || marked.empty || (commit !== undefined && (await mirror.resolve(commit)) === null))
      await refresh(signal);
    return mirror;
  } catch (error) {
    throw storageError(error, folder);
  }
}

async function readMark(gitDir: string): Promise<DefaultBranch | null> {
  const text = await readFile(join(gitDir, FETCHED_MARK), 'utf8').catch(() => null);
  try {
    return text === null ? null : DefaultBranch.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
