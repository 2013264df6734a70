/** What the vendors' servers know by themselves, whatever our database says. */
export interface VendorRecords {
  /** Each answer that a model gave, and that was billed. */
  readonly answers: readonly ModelAnswer[];
  readonly meteredNanoUsd: string;
  /** Each message that Discord took. */
  readonly notices: readonly NoticeRecord[];
  /** Each pull request that was ever opened. */
  readonly pulls: readonly PullRecord[];
}

/** Where the platform has the repository. */
export const GITHUB_REPOSITORY = { owner: 'acme', repository: 'cases' } as const;

export interface PullRecord {
  readonly number: number;
  readonly branch: string;
  readonly headSha: string;
  readonly state: 'open' | 'closed';
}

export interface ModelAnswer {
  /** TASK_ID */
  readonly task: string;
  readonly role: 'analyzer' | 'coder';
  /** 1 for the first question of the role about the task, 2 for the first repair. */
  readonly ordinal: number;
}

/** What tells a notice from every other: the run, what happened, and when. */
export interface NoticeRecord {
  readonly runId: string | null;
  readonly title: string;
  readonly at: string;
}
