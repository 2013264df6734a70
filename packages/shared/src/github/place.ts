import { AppError } from '../errors/app-error.ts';
import type { GitHubAddress } from './address.ts';
import type { GitHub } from './client.ts';
import { githubError } from './github-error.ts';

/**
 * Owner and name that a repository has now: GitHub leads requests for an old name to it, and shows the new one. Filters
 * name the owner, so a moved repository would seem to have no pull requests under the old one.
 * Throws GITHUB_FORBIDDEN where nothing can be written there, and what githubError makes of a refusal.
 */
export async function placeOf(github: GitHub, address: GitHubAddress): Promise<GitHubAddress> {
  const { data } = await github.repos.get({ ...address }).catch((error: unknown) => {
    throw githubError(error, address, 'the repository');
  });
  const repository = data.full_name;
  if (data.archived) throw new AppError('GITHUB_FORBIDDEN', { repository, reason: 'it is archived' });
  if (data.permissions?.push === false)
    throw new AppError('GITHUB_FORBIDDEN', { repository, reason: 'who the token belongs to may only read' });
  return { owner: data.owner.login, repo: data.name };
}
