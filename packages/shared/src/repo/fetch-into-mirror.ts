import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { AppError } from '../errors/app-error.ts';
import { type FetchOptions, fetchSource, removeIfOld } from './fetch.ts';
import { GitFailure, git, gitText } from './git.ts';
import type { RepositoryIdentity } from './identity.ts';
import { tidy } from './tidy.ts';

/** A scratch folder that nobody has touched for so long was left by a process that died. */
const STALE_SCRATCH_MS = 60 * 60_000;

const DAMAGED =
  /corrupt|bad object|loose object|unable to read|missing (blob|tree|commit)|did not send all necessary|pack has/i;
const OTHER_FORMAT = /mismatched algorithms|unknown object format|object-format/i;

/** Fetches; makes the mirror first where there is none or a damaged one. The caller holds the mirror's lock. */
export async function fetchIntoMirror(
  gitDir: string,
  identity: RepositoryIdentity,
  options: FetchOptions,
  log: Logger,
): Promise<void> {
  if (!(await isRepository(gitDir))) return replace(gitDir, 'sha1', identity, options);
  for (const name of await readdir(gitDir)) {
    if (name.startsWith('orchestrator-tmp-')) await removeIfOld(join(gitDir, name), STALE_SCRATCH_MS);
  }
  try {
    await fetchSource(gitDir, identity, options);
  } catch (error) {
    const reason = error instanceof AppError && error.code === 'REPO_UNREACHABLE' ? String(error.detail.reason) : '';
    if (!DAMAGED.test(reason) && !OTHER_FORMAT.test(reason)) throw error;
    log.warn({ mirror: gitDir, reason }, 'the mirror cannot be updated and is made anew');
    await replace(gitDir, (await objectFormat(gitDir)) === 'sha256' ? 'sha256' : 'sha1', identity, options);
  }
  await tidy(gitDir, options.signal).catch((error: unknown) => {
    if (error instanceof GitFailure) log.warn({ mirror: gitDir, reason: error.reason }, 'the mirror cannot be packed');
    else throw error;
  });
}

/** Made and fetched aside, then moved into place: a half-made mirror is never seen, and a failure loses nothing. */
async function replace(
  gitDir: string,
  format: 'sha1' | 'sha256',
  identity: RepositoryIdentity,
  options: FetchOptions,
): Promise<void> {
  // A name of its own: the git of a process that was killed may still write to the one it had.
  const aside = `${gitDir}.new-${randomUUID()}`;
  for (const name of await readdir(dirname(gitDir))) {
    if (name.startsWith(`${basename(gitDir)}.new-`)) await removeIfOld(join(dirname(gitDir), name), STALE_SCRATCH_MS);
  }
  const create = async (objects: 'sha1' | 'sha256') => {
    await rm(aside, { recursive: true, force: true });
    await git(
      [
        'init',
        '--quiet',
        '--bare',
        '--template=',
        `--object-format=${objects}`,
        '--initial-branch=orchestrator-none',
        aside,
      ],
      { cwd: '/' },
    );
    await fetchSource(aside, identity, options);
  };
  try {
    await create(format).catch(async (error: unknown) => {
      if (!(error instanceof AppError) || !OTHER_FORMAT.test(String(error.detail.reason))) throw error;
      await create(format === 'sha1' ? 'sha256' : 'sha1');
    });
    await rm(gitDir, { recursive: true, force: true });
    await rename(aside, gitDir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function isRepository(gitDir: string): Promise<boolean> {
  try {
    return (await gitText(['rev-parse', '--is-bare-repository'], { gitDir, cwd: '/' })) === 'true';
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}

const objectFormat = (gitDir: string): Promise<string> => gitText(['rev-parse', '--show-object-format'], { gitDir });
