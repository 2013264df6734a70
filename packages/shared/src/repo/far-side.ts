import { credentialEnvironment, type PlatformToken } from './credential.ts';
import { type GitOptions, SAFE_UPLOAD_PACK } from './git.ts';
import type { RepositoryIdentity } from './identity.ts';

export interface FarSide {
  /** The git directory on this side. */
  readonly gitDir: string;
  readonly identity: RepositoryIdentity;
  readonly platform: PlatformToken | null;
  readonly signal?: AbortSignal | undefined;
}

/** How git reaches the source of a repository. Asked for before each use: a token may end within the hour. */
export const farSide = async ({ gitDir, identity, platform, signal }: FarSide): Promise<GitOptions> => ({
  gitDir,
  transport: identity.kind === 'local' ? 'local' : 'network',
  signal,
  env: await credentialEnvironment(identity, platform),
});

/** For `ls-remote` and `fetch`: what runs on the side of a local source executes nothing that it brings. */
export const uploadPackFlags = ({ kind }: RepositoryIdentity): readonly string[] =>
  kind === 'local' ? [`--upload-pack=${SAFE_UPLOAD_PACK}`] : [];

/** The commit that `ls-remote` names first; null: none. */
export const firstListed = (stdout: Buffer): string | null =>
  /^([0-9a-f]{40,64})\t/.exec(stdout.toString('utf8'))?.[1] ?? null;

/** Sets a branch to a commit if it still is at `expected` (null: if it is not there): a compare-and-set on the other side. */
export function pushArguments(source: string, branch: string, commit: string, expected: string | null): string[] {
  const ref = `refs/heads/${branch}`;
  const flags = ['--porcelain', '--no-verify', '--no-signed', '--recurse-submodules=no'];
  return ['push', ...flags, `--force-with-lease=${ref}:${expected ?? ''}`, '--', source, `${commit}:${ref}`];
}
