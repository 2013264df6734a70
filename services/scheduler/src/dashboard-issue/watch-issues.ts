import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { githubError } from '@orchestrator/shared/github/github-error.ts';
import { placeOf } from '@orchestrator/shared/github/place.ts';
import { createGitHubLoop, eachGitHubRepository, type WatchGitHubOptions } from '../github-repositories.ts';
import type { Leader } from '../leader.ts';
import { updateIssue } from './update-issue.ts';

/** Keeps the dashboard issues of the repositories that want one. */
export const createIssueWatcher = (options: WatchGitHubOptions & { readonly leader: Leader }): Component =>
  createGitHubLoop(options, {
    name: 'dashboard issues',
    look: watchIssuesOnce,
    failed: 'dashboard issues could not be looked up; tried again',
  });

/** One look at each of them. Returns how long to wait where GitHub asks for it. */
export async function watchIssuesOnce(options: WatchGitHubOptions): Promise<number | undefined> {
  const { db, env, log, repositories } = options;
  return eachGitHubRepository(options, 'the dashboard issue', async ({ id: repositoryId, url }, address) => {
    const mirror = await repositories.mirror(url);
    const { commit } = await mirror.head(null);
    const { config } = await repositories.config(mirror, commit);
    if (!config.dashboard.issue) return;
    const { githubAccess } = await import('@orchestrator/shared/github/access.ts');
    const access = githubAccess(env);
    const github = access.client(address);
    const at = await placeOf(github, address);
    const look = updateIssue({ db, github, access, at, repositoryId, title: config.dashboard.title, log });
    await look.catch((error: unknown) => {
      throw githubError(error, at, 'the dashboard issue');
    });
  });
}
