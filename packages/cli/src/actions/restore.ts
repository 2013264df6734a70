import { openSystem } from '@orchestrator/embedded/open-system.ts';
import { loadDatabase } from '@orchestrator/shared/state/load.ts';
import type { StateBranch } from '@orchestrator/shared/state/state-branch.ts';
import { dumpOf, type State } from '@orchestrator/shared/state/state-commit.ts';
import type { CommandContext } from '../command.ts';
import type { System } from '../system.ts';
import { makeRoom, writeLocalCopy } from './local-copy.ts';

export interface RestoreOptions {
  readonly branch: StateBranch;
  /** null: nothing has been done yet. */
  readonly state: State | null;
  readonly replace: boolean;
  /** Whose copy it is: see LocalCopy. */
  readonly ofRun: boolean;
}

/** Opens the database below ORCHESTRATOR_HOME as the state has it. Throws HOME_HAS_DATABASE, STATE_CORRUPT, STATE_VERSION. */
export async function restore(
  { env, log }: Pick<CommandContext, 'env' | 'log'>,
  { branch, state, replace, ofRun }: RestoreOptions,
): Promise<System> {
  const home = env.ORCHESTRATOR_HOME;
  await makeRoom(home, { replace });
  const dump = state && dumpOf(state);
  const commit = state?.commit ?? '';
  writeLocalCopy(home, { repo: branch.url, branch: branch.branch, commit, ofRun });
  return openSystem({
    env,
    log,
    ...(dump === null ? {} : { prepare: (url) => loadDatabase(url, dump, { branch: branch.branch, commit }) }),
  });
}
