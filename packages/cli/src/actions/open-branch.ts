import { platformToken } from '@orchestrator/shared/boot/repositories.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { openStateBranch, type StateBranch } from '@orchestrator/shared/state/state-branch.ts';
import { readState, type State } from '@orchestrator/shared/state/state-commit.ts';
import { z } from 'zod';
import type { CommandContext, OptionDefinition } from '../command.ts';

export const DEFAULT_BRANCH = 'orchestrator-state';

/** Of every command that looks at the state branch. */
export const BRANCH_OPTION: OptionDefinition = {
  flags: '--branch <name>',
  description: `the branch that holds the state (default: ${DEFAULT_BRANCH})`,
};

export const BranchName = z
  .string()
  .regex(/^[\w][\w./-]*$/, 'is no name of a branch')
  .default(DEFAULT_BRANCH);

/** The state branch of a repository, reached with the platform's token. Throws REPO_NOT_FOUND. */
export function openBranch(
  { env, terminal: { cwd } }: Pick<CommandContext, 'env' | 'terminal'>,
  repo: string,
  branch: string,
): Promise<StateBranch> {
  return openStateBranch({ repo, cwd, branch, home: env.ORCHESTRATOR_HOME, platform: platformToken(env) });
}

/** The branch with what it holds. Throws STATE_MISSING, and as `openBranch` and `readState` do. */
export async function openState(
  context: Pick<CommandContext, 'env' | 'terminal'>,
  repo: string,
  name: string,
): Promise<{ readonly branch: StateBranch; readonly state: State }> {
  const branch = await openBranch(context, repo, name);
  const state = await readState(branch);
  if (state === null) throw new AppError('STATE_MISSING', { repo: branch.url, branch: name });
  return { branch, state };
}
