import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { LoadedConfig } from '@orchestrator/shared/config/load.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';

export interface RepositoryHead {
  readonly mirror: Mirror;
  readonly branch: string;
  readonly commit: string;
  /** As of that commit. */
  readonly loaded: LoadedConfig;
}

/**
 * Fetches a repository and reads its configuration at the head of the branch that is built on: the one that the default
 * branch's orchestrator.yaml names, or the default branch itself.
 * Throws REPO_NOT_FOUND, REPO_UNREACHABLE, REPO_EMPTY, REPO_NO_DEFAULT_BRANCH, CONFIG_INVALID.
 */
export async function fetchHead(
  repositories: Repositories,
  url: string,
  signal?: AbortSignal,
): Promise<RepositoryHead> {
  const mirror = await repositories.mirror(url, signal);
  await mirror.refresh(signal);
  const first = await mirror.head(null);
  const loaded = await repositories.config(mirror, first.commit);
  const { branch } = loaded.config.repository;
  if (branch === null || branch === first.branch) return { mirror, ...first, loaded };
  const head = await mirror.head(branch);
  return { mirror, ...head, loaded: await repositories.config(mirror, head.commit) };
}
