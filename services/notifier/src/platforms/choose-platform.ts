import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { githubAddress } from '@orchestrator/shared/github/address.ts';
import type { RepositoryIdentity } from '@orchestrator/shared/repo/identity.ts';
import { local } from './local.ts';
import { mirrorOnly } from './mirror-only.ts';
import type { Platform } from './platform.ts';

/** Where the changes of a repository are published: as pull requests only with a token for the place it is at. */
export async function choosePlatform(
  identity: RepositoryIdentity,
  env: Pick<Environment, 'GITHUB_TOKEN' | 'GITHUB_API_URL'>,
): Promise<Platform> {
  if (identity.kind === 'local') return local;
  const address = env.GITHUB_TOKEN === undefined ? null : githubAddress(identity, env.GITHUB_API_URL);
  if (address === null) return mirrorOnly;
  // Loaded where it is used: the client takes megabytes.
  const { githubPlatform } = await import('./github/publish.ts');
  return githubPlatform(address, env);
}
