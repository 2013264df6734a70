export interface Pull {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  draft: boolean;
  /** A person's change of the base made it conflict. */
  conflicts: boolean;
  readonly head: string;
  base: string;
  /** Kept when the pull request is closed: its branch may be gone. */
  headSha: string;
  baseSha: string;
  mergedAt: string | null;
  closedAt: string | null;
  mergeCommitSha: string | null;
  labels: string[];
  reviewers: string[];
  readonly by: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface Issue {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly by: string;
  /** Who edited the text last; null: nobody has. */
  editor: string | null;
  readonly createdAt: string;
  updatedAt: string;
}

export interface Comment {
  readonly id: number;
  readonly number: number;
  body: string;
  readonly by: string;
  readonly createdAt: string;
}

export interface Review extends Comment {
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';
}

/** A comment on a line of the change. */
export interface LineComment extends Comment {
  readonly path: string;
  readonly line: number;
}

export interface CheckRun {
  readonly id: number;
  readonly headSha: string;
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'timed_out' | 'neutral' | null;
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly { readonly path: string; readonly line: number; readonly message: string }[];
}

/** Everything about one repository that is not in git. */
export interface RepositoryState {
  /** Owner and name change where the repository is renamed. */
  owner: string;
  name: string;
  archived: boolean;
  readonly defaultBranch: string;
  /** Who the token belongs to. */
  readonly login: string;
  readonly pulls: Pull[];
  readonly issues: Issue[];
  readonly comments: Comment[];
  readonly reviews: Review[];
  readonly lineComments: LineComment[];
  readonly checks: CheckRun[];
  /** Of people who are not named here: none. */
  readonly permissions: Map<string, 'admin' | 'write' | 'read' | 'none'>;
  readonly labels: { name: string; color: string; description: string | null }[];
  /** Pull requests and issues share their numbers. */
  nextNumber: number;
  nextId: number;
}

export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

export const seconds = (): number => Math.floor(Date.now() / 1000);
