import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@orchestrator/embedded/services.ts';
import { CONFIG_FILE, createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { type LoadedConfig, loadConfig } from '@orchestrator/shared/config/load.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import type { CommandContext } from './command.ts';
import type { Target } from './system.ts';

type Asker = Pick<CommandContext, 'env' | 'log' | 'terminal' | 'signal'>;

/**
 * The repository that a command looks at, freshly fetched: its configured branch, or its own default.
 * Throws REPO_NOT_FOUND, REPO_UNREACHABLE, REPO_EMPTY, REPO_NO_DEFAULT_BRANCH, CONFIG_INVALID.
 */
export async function openTarget({ env, log, terminal, signal }: Asker, repo: string | undefined): Promise<Target> {
  const { url, name } = await identifyRepository(repo ?? '.', terminal.cwd);
  const { fetchHead } = await services.repositoryHead();
  return { url, name, ...(await fetchHead(createRepositories(env, log), url, signal)) };
}

/** The configuration of a repository, or, where this folder is none and none was named, what holds without one. */
export async function configOf(
  context: Asker,
  repo: string | undefined,
): Promise<{ loaded: LoadedConfig; where: string | null }> {
  try {
    const target = await openTarget(context, repo);
    return { loaded: target.loaded, where: `${target.url} (${target.branch}, ${target.commit.slice(0, 10)})` };
  } catch (error) {
    if (repo !== undefined || !(error instanceof AppError) || error.code !== 'REPO_NOT_FOUND') throw error;
    return { loaded: operatorConfig(context.env.ORCHESTRATOR_HOME), where: null };
  }
}

function operatorConfig(home: string): LoadedConfig {
  const operatorFile = join(home, CONFIG_FILE);
  const operatorText = existsSync(operatorFile) ? readFileSync(operatorFile, 'utf8') : null;
  return loadConfig({ repoText: null, repoFile: CONFIG_FILE, operatorText, operatorFile });
}
