import { platformToken } from '@orchestrator/shared/boot/repositories.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { openStateBranch, type StateBranch } from '@orchestrator/shared/state/state-branch.ts';
import type { OptionDefinition } from '../command.ts';

export const DEFAULT_BRANCH = 'orchestrator-state';

/** Of every command that looks at the state branch. */
export const BRANCH_OPTION: OptionDefinition = {
  flags: '--branch <name>',
  description: `the branch that holds the state (default: ${DEFAULT_BRANCH})`,
};

/** The state branch of a repository, reached with the platform's token. Throws REPO_NOT_FOUND. */
export function openBranch(env: Environment, repo: string, branch: string): Promise<StateBranch> {
  return openStateBranch({ repo, branch, home: env.ORCHESTRATOR_HOME, platform: platformToken(env) });
}
