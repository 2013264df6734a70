import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { createGitHubLoop, eachGitHubRepository, type WatchGitHubOptions } from '../github-repositories.ts';
import type { Leader } from '../leader.ts';
import { publishStatus } from './publish-status.ts';

/** Writes results of tasks back into the task files of the repositories that want it. */
export const createStatusWriter = (options: WatchGitHubOptions & { readonly leader: Leader }): Component =>
  createGitHubLoop(options, {
    name: 'task status',
    look: writeStatusOnce,
    failed: 'results of tasks could not be written back; tried again',
  });

/** One look at each repository. Returns how long to wait where GitHub asks for it. */
export async function writeStatusOnce(options: WatchGitHubOptions): Promise<number | undefined> {
  const { db, env, log, repositories } = options;
  return eachGitHubRepository(options, 'results of tasks', async ({ id: repositoryId, url }, address) => {
    const mirror = await repositories.mirror(url);
    const first = await mirror.head(null);
    const { config } = await repositories.config(mirror, first.commit);
    if (config.tasks.writeStatus === 'off') return;
    const head = await mirror.head(config.repository.branch);
    const { githubPlatform } = await import('@orchestrator/shared/publish/github-platform.ts');
    const platform = githubPlatform(address, env);
    await publishStatus({ db, log, mirror, platform, repositoryId, head, config }).catch((error: unknown) => {
      // People have said no, or work on the branch themselves: until there is something else to tell.
      if (error instanceof AppError && ['PUBLISH_CLOSED', 'PUBLISH_FOREIGN_COMMIT'].includes(error.code)) return;
      throw error;
    });
  });
}
