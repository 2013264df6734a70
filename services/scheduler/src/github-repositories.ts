import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError, describeError } from '@orchestrator/shared/errors/app-error.ts';
import { type GitHubAddress, githubAddress } from '@orchestrator/shared/github/address.ts';
import { GitHubWait } from '@orchestrator/shared/github/github-error.ts';
import { type GitHubEnvironment, hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from './leader.ts';

export interface WatchGitHubOptions {
  readonly db: Database;
  readonly env: GitHubEnvironment;
  readonly repositories: Repositories;
  readonly log: Logger;
}

/** Without a token or an App there is nobody to ask; either needs a restart anyway. */
export const NO_GITHUB_MS = 60 * 60_000;
const EVERY_MS = 60_000;

export interface GitHubLoop {
  readonly name: string;
  /** How long to wait where GitHub asks for it. */
  readonly look: (options: WatchGitHubOptions) => Promise<number | undefined>;
  /** For the log, of a look that failed. */
  readonly failed: string;
}

/** Looks every minute, where this process leads. */
export function createGitHubLoop(
  options: WatchGitHubOptions & { readonly leader: Leader },
  { name, look, failed }: GitHubLoop,
): Component {
  const { env, log, leader } = options;
  return createLoop({
    name,
    everyMs: EVERY_MS,
    round: whenLeading(leader, async () => (hasGitHub(env) ? look(options) : NO_GITHUB_MS)),
    failed: (error) => log.warn({ err: error }, failed),
  });
}

export interface GitHubRepository {
  readonly id: string;
  readonly url: string;
  readonly name: string;
}

/**
 * Works on each repository that is on GitHub, one after the other; `what` names that in the log. One that cannot be worked
 * on is logged, and the others have their turn. Returns how long to wait where GitHub asks for it.
 */
export async function eachGitHubRepository(
  { db, env, log }: WatchGitHubOptions,
  what: string,
  work: (repository: GitHubRepository, address: GitHubAddress) => Promise<void>,
): Promise<number | undefined> {
  for (const repository of await db.repository.findMany({ select: { id: true, url: true, name: true } })) {
    const kind = repository.url.startsWith('/') ? 'local' : 'remote';
    const address = githubAddress({ kind, url: repository.url }, env.GITHUB_API_URL);
    if (address === null) continue;
    try {
      await work(repository, address);
    } catch (error) {
      if (error instanceof GitHubWait) return Math.max(1_000, error.until.getTime() - Date.now());
      if (!(error instanceof AppError)) throw error;
      const { code, message, next } = describeError(error);
      log.warn(
        { repository: repository.name, what, code, reason: message, advice: next },
        'GitHub could not be asked or told',
      );
    }
  }
  return undefined;
}
