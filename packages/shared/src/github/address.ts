import { platformOrigin } from '../repo/credential.ts';
import type { RepositoryIdentity } from '../repo/identity.ts';

/** A repository on GitHub. */
export interface GitHubAddress {
  readonly owner: string;
  readonly repo: string;
}

/** Owner and name, where the repository is on the GitHub of `apiUrl` (GITHUB_API_URL); null where it is elsewhere. */
export function githubAddress(
  { kind, url }: Pick<RepositoryIdentity, 'kind' | 'url'>,
  apiUrl: string,
): GitHubAddress | null {
  if (kind !== 'remote') return null;
  const { origin, hostname } = new URL(platformOrigin(apiUrl));
  const path = url.startsWith(`${origin}/`)
    ? url.slice(origin.length + 1)
    : new RegExp(`^(?:ssh://)?(?:[\\w.-]+@)?${hostname.replaceAll('.', '\\.')}[:/](.+)$`).exec(url)?.[1];
  const [owner, name, ...more] = (path ?? '').replace(/\/$/, '').split('/');
  const repo = name?.replace(/\.git$/, '');
  return owner && repo && more.length === 0 ? { owner, repo } : null;
}
