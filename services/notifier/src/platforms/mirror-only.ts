import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Platform } from '@orchestrator/shared/publish/platform.ts';
import { GitFailure } from '@orchestrator/shared/repo/git.ts';

/**
 * For a repository behind a URL that nothing may be pushed to: the branch is set in the mirror, from where it can be
 * fetched. Nobody else writes there, so whatever the branch held was ours.
 */
export const mirrorOnly: Platform = {
  id: 'mirror',
  async publish({ mirror, branch, headCommit, confirmHeld }) {
    await confirmHeld();
    try {
      await mirror.setBranch(branch, headCommit);
    } catch (error) {
      if (error instanceof GitFailure)
        throw new AppError('PUBLISH_FAILED', { branch, reason: error.reason }, { cause: error });
      throw error;
    }
    return { place: 'mirror', state: 'local', number: null, url: null };
  },
};
