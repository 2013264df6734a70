import type { Mirror } from '../repo/mirror.ts';

/** What is said of a change where people are told of it. */
export interface Offer {
  readonly title: string;
  /** Markdown: the evidence. */
  readonly body: string;
  readonly taskKey: string;
  /** Of the task's text: an offer that was closed is not made again for the same text. */
  readonly textHash: string;
  /** A person asked for this run, so it is offered whatever became of an earlier offer. */
  readonly askedFor: boolean;
  /** The branch that the change is to be merged into. */
  readonly base: string;
}

/** How offers are made: publish.* of the configuration. */
export interface OfferRules {
  readonly branchPrefix: string;
  readonly draft: boolean;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly maxOpen: number;
  readonly maxPerHour: number;
  readonly rebuildLabel: string;
}

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
  readonly offer: Offer;
  readonly rules: OfferRules;
  readonly signal: AbortSignal;
  /** To be awaited right before each effect outside. Throws when another worker has taken the stage. */
  readonly confirmHeld: () => Promise<void>;
}

export interface Published {
  /** Where the branch is now: the target repository, or only the mirror of it, or a pull request. */
  readonly place: 'repository' | 'mirror' | 'pull_request';
  /** `local`: nobody else is told. The others are those of a platform's pull request. */
  readonly state: 'local' | 'open' | 'merged' | 'closed';
  readonly number: number | null;
  /** Of the pull request. */
  readonly url: string | null;
  /** Labels and reviewers that were not taken, and why. */
  readonly refused?: readonly string[];
}

/**
 * A place where changes are published. Publishing the same commit again changes nothing.
 * Throws PUBLISH_FOREIGN_COMMIT where the branch is not ours to move, PUBLISH_CLOSED where people have said no,
 * GitHubWait where it has to wait, PUBLISH_FAILED otherwise.
 */
export interface Platform {
  readonly id: string;
  publish(request: PublishRequest): Promise<Published>;
}
