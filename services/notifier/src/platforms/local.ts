import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Platform, PublishRequest } from '@orchestrator/shared/publish/platform.ts';
import { GitFailure, type GitOptions, git, gitText } from '@orchestrator/shared/repo/git.ts';
import { mirrorOnly } from './mirror-only.ts';

/**
 * A branch in the repository on this machine. Objects and one reference are added; its work trees, indexes and other
 * branches are not touched, and none of its hooks run. One that may only be read, such as a read-only mount, gets its
 * branch in the mirror instead.
 */
export const local: Platform = {
  id: 'local',
  async publish(request) {
    if (!(await isWritable(request.mirror.identity.source))) return mirrorOnly.publish(request);
    try {
      await setBranch(request);
    } catch (error) {
      if (error instanceof GitFailure)
        throw new AppError('PUBLISH_FAILED', { branch: request.branch, reason: error.reason }, { cause: error });
      throw error;
    }
    return { place: 'repository', state: 'local', number: null, url: null };
  },
};

async function setBranch({
  mirror,
  branch,
  baseCommit,
  headCommit,
  isOurs,
  authorName,
  authorEmail,
  signal,
  confirmHeld,
}: PublishRequest): Promise<void> {
  const target: GitOptions = { gitDir: mirror.identity.source, signal, owner: await ownerOf(mirror.identity.source) };
  const ref = `refs/heads/${branch}`;
  const before = await commitAt(ref, target);
  if (before === headCommit) return;
  if (before !== null && !(await isOurs(before)))
    throw new AppError('PUBLISH_FOREIGN_COMMIT', { branch, commit: before });
  const workTree = await workTreeOn(ref, target);
  if (workTree !== null) {
    const message = `${branch} is checked out in ${workTree}, so it is left as it is.`;
    throw new AppError('PUBLISH_FOREIGN_COMMIT', { branch, commit: before ?? 'none', workTree }, { message });
  }
  await copyObjects({ from: { gitDir: mirror.gitDir, signal }, target, baseCommit, headCommit });
  const env = { GIT_COMMITTER_NAME: authorName, GIT_COMMITTER_EMAIL: authorEmail };
  await confirmHeld();
  const expected = before ?? '0'.repeat(headCommit.length);
  await git(['update-ref', '-m', 'orchestrator: publish', '--end-of-options', ref, headCommit, expected], {
    ...target,
    env,
  });
}

/** Sends what the target lacks. Thin: it builds on the base, which the target normally still has. */
async function copyObjects({
  from,
  target,
  baseCommit,
  headCommit,
}: {
  from: GitOptions;
  target: GitOptions;
  baseCommit: string;
  headCommit: string;
}): Promise<void> {
  const hasBase = (await commitAt(baseCommit, target)) !== null;
  const revisions = hasBase ? `${headCommit}\n^${baseCommit}\n` : `${headCommit}\n`;
  const pack = await git(['pack-objects', '--revs', '--stdout', '--quiet', ...(hasBase ? ['--thin'] : [])], {
    ...from,
    input: revisions,
  });
  await git(['unpack-objects', '-q'], { ...target, input: pack.stdout });
}

async function commitAt(name: string, target: GitOptions): Promise<string | null> {
  const { stdout, exitCode } = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
    ...target,
    exitCodes: [0, 1],
  });
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

/** The work tree that has the branch checked out, or null. */
async function workTreeOn(ref: string, target: GitOptions): Promise<string | null> {
  const listing = await gitText(['worktree', 'list', '--porcelain'], target);
  for (const entry of listing.split('\n\n')) {
    const lines = entry.split('\n');
    if (lines.includes(`branch ${ref}`)) return lines[0]?.replace(/^worktree /, '') ?? '';
  }
  return null;
}

async function isWritable(gitDir: string): Promise<boolean> {
  try {
    for (const path of [gitDir, join(gitDir, 'objects')]) await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** As root, files are written in the name of the repository's owner: otherwise the owner could not write there any more. */
async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(path).catch(() => ({ uid: 0, gid: 0 }));
  return uid === 0 ? undefined : { uid, gid };
}
