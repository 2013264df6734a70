import type { Outcome } from '../../packages/shared/src/pipeline/outcome.ts';
import type { TestFile } from '../../packages/testkit/src/git/test-repository.ts';
import type { StageHarness, stageHarness } from '../../services/validator/test/stage-harness.ts';
import type { Canaries } from './canaries.ts';

export type Files = Readonly<Record<string, TestFile>>;
export type Config = NonNullable<NonNullable<Parameters<typeof stageHarness>[2]>['config']>;

/** One attempt to do harm: a repository, a change to it, and what has to come of it. */
export interface AttackCase {
  /** Of the table in docs/security.md. */
  readonly row: number;
  /** Unique within the row. */
  readonly name: string;
  /** Why it cannot be tried here; null: it can. */
  readonly inexpressible?: (machine: Machine) => string | null;
  /** Files of the base commit, beside those of every case. */
  readonly base?: Files | ((canaries: Canaries) => Files);
  /** Settings at the base commit, on top of tight limits. */
  readonly config?: Config;
  /** Attacks, and gives what was not contained. */
  readonly run: (attack: Attack) => Promise<readonly string[]>;
}

export interface Machine {
  readonly root: boolean;
}

/** What a case works on. */
export interface Attack extends Machine {
  readonly harness: StageHarness;
  readonly canaries: Canaries;
  /** On the command line of whatever means to survive. */
  readonly marker: string;
  /** Keeps what the service gave, to be searched for secrets. */
  readonly record: (given: Outcome | string) => void;
}

/** What became of a case. */
export interface CaseResult {
  readonly row: number;
  readonly name: string;
  /** Empty: contained. */
  readonly problems: readonly string[];
  readonly leakedSecret: boolean;
  readonly survivors: number;
  readonly durationMs: number;
}
