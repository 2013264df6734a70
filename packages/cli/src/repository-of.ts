import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import type { CommandContext } from './command.ts';

export interface KnownRepository {
  readonly id: string;
  readonly url: string;
  readonly name: string;
}

/**
 * The repository that a command about stored work means: the one of --repo, the one of this folder, or the only one there
 * is. Nothing is fetched. Throws REPO_NOT_FOUND, USAGE.
 */
export async function repositoryOf(context: CommandContext, repo: string | undefined): Promise<KnownRepository> {
  const { db } = await context.system();
  const known = await db.repository.findMany({
    select: { id: true, url: true, name: true },
    orderBy: { createdAt: 'asc' },
  });
  const url = await addressOf(repo ?? '.', context.terminal.cwd, repo !== undefined);
  const found = known.find((each) => each.url === url);
  if (found) return found;
  const only = known.length === 1 ? known[0] : undefined;
  if (repo === undefined && only) return only;
  if (repo !== undefined)
    throw new AppError('USAGE', {
      message: `${repo} has not been worked on here. Known: ${known.map((each) => each.url).join(', ') || 'none'}`,
    });
  throw new AppError('USAGE', {
    message:
      known.length === 0
        ? 'No repository has been worked on here yet. Start with: orchestrator run'
        : `Which repository? Name it with --repo: ${known.map((each) => each.url).join(', ')}`,
  });
}

/** Limits a question to a repository only where one was named. */
export async function repositoryFilter(context: CommandContext, repo: string | undefined): Promise<string | undefined> {
  return repo === undefined ? undefined : (await repositoryOf(context, repo)).url;
}

async function addressOf(repo: string, cwd: string, required: boolean): Promise<string | null> {
  try {
    return (await identifyRepository(repo, cwd)).url;
  } catch (error) {
    // A repository that was moved away can still be asked about by its address.
    if (!(error instanceof AppError)) throw error;
    return required ? repo : null;
  }
}
