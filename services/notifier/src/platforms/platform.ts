import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';

/** A commit to be published, and what may be done to publish it. */
export interface PublishRequest {
  readonly mirror: Mirror;
  readonly branch: string;
  readonly baseCommit: string;
  readonly headCommit: string;
  /** Whether a commit that is on the branch already was made by us for this task: ours are replaced, others never. */
  readonly isOurs: (commit: string) => Promise<boolean>;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly signal: AbortSignal;
}

export interface Published {
  /** Where the branch is now: the target repository, or only the mirror of it. */
  readonly place: 'repository' | 'mirror' | 'pull_request';
  /** `local`: nobody else is told. The others are those of a platform's pull request. */
  readonly state: 'local' | 'open' | 'merged' | 'closed';
  readonly number: number | null;
  /** Of the pull request. */
  readonly url: string | null;
}

/**
 * A place where changes are published. Publishing the same commit again changes nothing.
 * Throws PUBLISH_FOREIGN_COMMIT where the branch is not ours to move, PUBLISH_FAILED otherwise.
 */
export interface Platform {
  readonly id: string;
  publish(request: PublishRequest): Promise<Published>;
}
