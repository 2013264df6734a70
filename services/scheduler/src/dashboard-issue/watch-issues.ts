import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { githubError } from '@orchestrator/shared/github/github-error.ts';
import { hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import { placeOf } from '@orchestrator/shared/github/place.ts';
import { eachGitHubRepository, type WatchGitHubOptions } from '../github-repositories.ts';
import { type Leader, whenLeading } from '../leader.ts';
import { updateIssue } from './update-issue.ts';

/** Without a token there is nothing to write; a token needs a restart anyway. */
const IDLE_MS = 60 * 60_000;
const EVERY_MS = 60_000;

/** Keeps the dashboard issues of the repositories that want one, every minute. */
export function createIssueWatcher(options: WatchGitHubOptions & { readonly leader: Leader }): Component {
  const { env, log, leader } = options;
  return createLoop({
    name: 'dashboard issues',
    everyMs: EVERY_MS,
    round: whenLeading(leader, async () => (hasGitHub(env) ? watchIssuesOnce(options) : IDLE_MS)),
    failed: (error) => log.warn({ err: error }, 'dashboard issues could not be looked up; tried again'),
  });
}

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
