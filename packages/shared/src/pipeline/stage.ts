import type { Logger } from 'pino';
import type { Environment } from '../config/environment.ts';
import type { OrchestratorConfig } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import type { ModelClient } from '../models/types.ts';
import type { Mirror } from '../repo/mirror.ts';
import type { Stage } from './machine.ts';
import type { NewArtifact, Outcome } from './outcome.ts';

/** The task as the run sees it: the row's values at the revision that the run works on. */
export interface TaskView {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly module: string | null;
  readonly language: string | null;
  readonly criteria: readonly string[];
  readonly documents: readonly string[];
}

/** Everything a processor may use. It never touches the queue, run states or process.env. */
export interface StageContext {
  readonly run: { readonly id: string; readonly baseCommit: string; readonly round: number; readonly branch: string };
  readonly task: TaskView;
  readonly repository: {
    readonly id: string;
    readonly url: string;
    readonly name: string;
    readonly defaultBranch: string;
  };
  readonly stageRun: { readonly id: string; readonly stage: Stage; readonly round: number; readonly fence: bigint };
  readonly config: OrchestratorConfig;
  readonly env: Environment;
  readonly db: Database;
  /** The bare copy of the repository; the base commit is in it. */
  readonly mirror: Mirror;
  readonly models: ModelClient;
  /** Stored results of earlier stages of this run; null where there is none. `round` absent: the latest. */
  readonly artifact: (kind: NewArtifact['kind'], round?: number) => Promise<unknown | null>;
  /** Aborts when the lease is lost, the run is cancelled or the process shuts down. Children must die with it. */
  readonly signal: AbortSignal;
  /** To be awaited right before an effect outside, such as a push. Throws StageAborted when the claim is no longer ours. */
  readonly confirmHeld: () => Promise<void>;
  readonly log: Logger;
  /** Says what is being done now, for people who watch: one short sentence. */
  readonly progress: (text: string) => void;
}

export interface StageDefinition {
  readonly stage: Stage;
  /** A stage run that takes longer is aborted and counted as an error. */
  readonly timeoutMs: number;
  readonly process: (context: StageContext) => Promise<Outcome>;
}

export const defineStage = (definition: StageDefinition): StageDefinition => definition;
