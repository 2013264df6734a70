import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedConfig, loadConfig } from '@orchestrator/shared/config/load.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { identifyRepository } from '@orchestrator/shared/repo/identity.ts';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import type { CommandContext } from './command.ts';
import type { Target } from './system.ts';

const CONFIG_FILE = 'orchestrator.yaml';

/**
 * The repository that a command looks at, freshly fetched: its configured branch, or its own default.
 * Throws REPO_NOT_FOUND, REPO_UNREACHABLE, REPO_EMPTY, REPO_NO_DEFAULT_BRANCH, CONFIG_INVALID.
 */
export async function openTarget(
  { env, log, terminal, signal }: Pick<CommandContext, 'env' | 'log' | 'terminal' | 'signal'>,
  repo: string | undefined,
): Promise<Target> {
  const { url, name } = await identifyRepository(repo ?? '.', terminal.cwd);
  const mirror = await openMirror({ repo: repo ?? terminal.cwd, home: env.ORCHESTRATOR_HOME, log, signal });
  await mirror.refresh(signal);
  const first = await mirror.head(null);
  const atDefault = await configAt({ mirror, commit: first.commit }, env.ORCHESTRATOR_HOME);
  const branch = atDefault.config.repository.branch;
  const head = branch === null ? first : await mirror.head(branch);
  const loaded = branch === null ? atDefault : await configAt({ mirror, commit: head.commit }, env.ORCHESTRATOR_HOME);
  return { url, name, mirror, branch: head.branch, commit: head.commit, loaded };
}

/** The configuration of a repository, or, where this folder is none and none was named, what holds without one. */
export async function configOf(
  context: CommandContext,
  repo: string | undefined,
): Promise<{ loaded: LoadedConfig; where: string | null }> {
  try {
    const target = await openTarget(context, repo);
    return { loaded: target.loaded, where: `${target.url} (${target.branch}, ${target.commit.slice(0, 10)})` };
  } catch (error) {
    if (repo !== undefined || !(error instanceof AppError) || error.code !== 'REPO_NOT_FOUND') throw error;
    return { loaded: load(null, context.env.ORCHESTRATOR_HOME), where: null };
  }
}

async function configAt({ mirror, commit }: Pick<Target, 'mirror' | 'commit'>, home: string): Promise<LoadedConfig> {
  const text = await mirror.readFile(commit, CONFIG_FILE, 1_000_000);
  return load(text?.toString('utf8') ?? null, home);
}

function load(repoText: string | null, home: string): LoadedConfig {
  const operatorFile = join(home, CONFIG_FILE);
  const operatorText = existsSync(operatorFile) ? readFileSync(operatorFile, 'utf8') : null;
  return loadConfig({ repoText, repoFile: CONFIG_FILE, operatorText, operatorFile });
}
