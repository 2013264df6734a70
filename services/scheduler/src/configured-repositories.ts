import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { identifyRepository, type RepositoryIdentity } from '@orchestrator/shared/repo/identity.ts';
import type { Logger } from 'pino';
import { ensureRepository } from './repository.ts';

const VARIABLE = 'ORCHESTRATOR_REPOSITORIES';

export interface ConfiguredRepositoriesOptions {
  readonly db: Database;
  readonly log: Logger;
  /** The variable's value. */
  readonly list: string | undefined;
}

/**
 * Adds the repositories that the environment names before the first tick. All of them or none: starting throws
 * ENV_INVALID with every entry that cannot be used. No address is contacted; a tick says when one cannot be fetched.
 */
export function createConfiguredRepositories({ db, log, list }: ConfiguredRepositoriesOptions): Component {
  return {
    name: 'configured repositories',
    async start() {
      const identities = await identifyAll((list ?? '').split(/[\s,]+/).filter((entry) => entry !== ''));
      for (const identity of identities) await ensureRepository(db, { url: identity.url, name: identity.name });
      if (identities.length > 0)
        log.info({ repositories: identities.map(({ url }) => url) }, 'repositories of the environment');
      else if ((await db.repository.count()) === 0)
        log.warn({ variable: VARIABLE }, 'there is no repository to work on yet: name one, or add it through the API');
    },
    stop: async () => {},
  };
}

async function identifyAll(entries: readonly string[]): Promise<RepositoryIdentity[]> {
  const identities: RepositoryIdentity[] = [];
  const problems: string[] = [];
  for (const entry of entries) {
    try {
      const identity = await identifyRepository(entry);
      if (identity.credential === null) identities.push(identity);
      else problems.push(`${identity.url}: holds a user or a password; put the token into GITHUB_TOKEN instead`);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REPO_NOT_FOUND') throw error;
      problems.push(
        `${entry}: is no git repository here; a folder of the host has to be mounted, at the same path for all services`,
      );
    }
  }
  if (problems.length === 0) return identities;
  const message = problems.map((problem) => `Environment variable ${VARIABLE}: ${problem}`).join('\n');
  throw new AppError('ENV_INVALID', { name: VARIABLE, problem: problems[0] as string, problems }, { message });
}
