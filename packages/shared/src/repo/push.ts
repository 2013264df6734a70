import { AppError } from '../errors/app-error.ts';
import { type FarSide, farSide, firstListed, pushArguments } from './far-side.ts';
import { GitFailure, type GitOptions, git } from './git.ts';
import type { RepositoryIdentity } from './identity.ts';

/** Only what is reached over a network is pushed to from here. */
const far = async (options: FarSide): Promise<GitOptions> => ({ ...(await farSide(options)), transport: 'network' });

/** The commit that a branch of the source has now, asked of the source itself; null where there is none. */
export async function remoteBranch(branch: string, options: FarSide): Promise<string | null> {
  const args = ['ls-remote', '--', options.identity.source, `refs/heads/${branch}`];
  const { stdout } = await git(args, await far(options)).catch((error: unknown) => {
    throw pushError(error, branch, options.identity);
  });
  return firstListed(stdout);
}

/**
 * Sets a branch of the source to a commit of the mirror, if it still is at `expected` (null: if it is not there).
 * One compare-and-set on the other side: of two that push at once, one succeeds. Throws PUBLISH_FAILED (retryable: it
 * moved meanwhile, or the network failed), GITHUB_FORBIDDEN where the token may not push there.
 */
export async function pushBranch(
  branch: string,
  commit: string,
  expected: string | null,
  options: FarSide,
): Promise<void> {
  const args = pushArguments(options.identity.source, branch, commit, expected);
  await git(args, await far(options)).catch((error: unknown) => {
    throw pushError(error, branch, options.identity);
  });
}

const FORBIDDEN =
  /\b403\b|Authentication failed|Write access|denied to|protected branch|refusing to allow|hook declined|GH006|GH013/i;

function pushError(error: unknown, branch: string, { url }: RepositoryIdentity): unknown {
  if (!(error instanceof GitFailure)) return error;
  const { reason } = error;
  if (FORBIDDEN.test(reason)) return new AppError('GITHUB_FORBIDDEN', { repository: url, reason }, { cause: error });
  return new AppError('PUBLISH_FAILED', { branch, reason }, { cause: error });
}
