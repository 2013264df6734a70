import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import { eachGitHubRepository, type WatchGitHubOptions } from '../github-repositories.ts';
import { type Leader, whenLeading } from '../leader.ts';
import { publishStatus } from './publish-status.ts';

/** Without a token nothing can be written back; a token needs a restart anyway. */
const IDLE_MS = 60 * 60_000;
const EVERY_MS = 60_000;

/** Writes results of tasks back into the task files of the repositories that want it, every minute. */
export function createStatusWriter(options: WatchGitHubOptions & { readonly leader: Leader }): Component {
  const { env, log, leader } = options;
  return createLoop({
    name: 'task status',
    everyMs: EVERY_MS,
    round: whenLeading(leader, async () => (hasGitHub(env) ? writeStatusOnce(options) : IDLE_MS)),
    failed: (error) => log.warn({ err: error }, 'results of tasks could not be written back; tried again'),
  });
}

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
