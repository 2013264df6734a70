import { type BuiltOn, builtOn } from '@orchestrator/shared/boot/built-on.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';

export interface RepositoryHead extends BuiltOn {
  readonly mirror: Mirror;
}

/**
 * Fetches a repository and reads its configuration at the head of the branch that is built on.
 * Throws REPO_NOT_FOUND, REPO_UNREACHABLE, REPO_EMPTY, REPO_NO_DEFAULT_BRANCH, CONFIG_INVALID.
 */
export async function fetchHead(
  repositories: Repositories,
  url: string,
  signal?: AbortSignal,
): Promise<RepositoryHead> {
  const mirror = await repositories.mirror(url, signal);
  await mirror.refresh(signal);
  return { mirror, ...(await builtOn(repositories, mirror)) };
}
