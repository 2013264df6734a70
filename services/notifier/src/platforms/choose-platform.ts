import { githubAddress } from '@orchestrator/shared/github/address.ts';
import { type GitHubEnvironment, hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import type { Platform } from '@orchestrator/shared/publish/platform.ts';
import type { RepositoryIdentity } from '@orchestrator/shared/repo/identity.ts';
import { local } from './local.ts';
import { mirrorOnly } from './mirror-only.ts';

/** Where the changes of a repository are published: as pull requests only with a token or an App for the place it is at. */
export async function choosePlatform(identity: RepositoryIdentity, env: GitHubEnvironment): Promise<Platform> {
  if (identity.kind === 'local') return local;
  const address = hasGitHub(env) ? githubAddress(identity, env.GITHUB_API_URL) : null;
  if (address === null) return mirrorOnly;
  // Loaded where it is used: the client takes megabytes.
  const { githubPlatform } = await import('@orchestrator/shared/publish/github-platform.ts');
  return githubPlatform(address, env);
}
