import type { LoadedConfig } from '../config/load.ts';
import type { Mirror } from '../repo/mirror.ts';
import type { Repositories } from './repositories.ts';

export interface BuiltOn {
  readonly branch: string;
  readonly commit: string;
  /** As of that commit. */
  readonly loaded: LoadedConfig;
}

/**
 * The head of the branch that is built on, as last fetched: the one that the default branch's orchestrator.yaml names, or
 * the default branch itself. Throws REPO_EMPTY, REPO_NO_DEFAULT_BRANCH, CONFIG_INVALID.
 */
export async function builtOn(repositories: Repositories, mirror: Mirror): Promise<BuiltOn> {
  const first = await mirror.head(null);
  const loaded = await repositories.config(mirror, first.commit);
  const { branch } = loaded.config.repository;
  if (branch === null || branch === first.branch) return { ...first, loaded };
  const head = await mirror.head(branch);
  return { ...head, loaded: await repositories.config(mirror, head.commit) };
}
