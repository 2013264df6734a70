import type { NanoUsd } from '@orchestrator/shared/budget/money.ts';
import type { Problem } from './problem.ts';

export const PRIORITIES = ['high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What the file says about a task: the columns of the `task` table that come from it. */
export interface ParsedTask {
  readonly key: string;
  readonly title: string;
  /** Markdown below the heading, without the markers. */
  readonly body: string;
  readonly priority: Priority;
  readonly module: string | null;
  readonly language: string | null;
  readonly dependsOn: readonly string[];
  readonly budgetNanoUsd: NanoUsd | null;
  /** `done`: a checked box of a plain list. */
  readonly status: 'ready' | 'blocked' | 'done';
  /** The bullets of "Success Criteria". */
  readonly criteria: readonly string[];
  /** The paths in "Related Documentation", relative to the repository's root. */
  readonly documents: readonly string[];
  /** Of what the models are told (title, body, module, language): another hash is another revision of the task. */
  readonly textHash: string;
  /** Of the heading, from 1. */
  readonly line: number;
  /** Order in the file, from 0. */
  readonly position: number;
}

export interface ParsedTaskFile {
  readonly tasks: readonly ParsedTask[];
  readonly problems: readonly Problem[];
  /** Ids that the file holds, those of tasks that were left out included. */
  readonly keys: readonly string[];
  /** False: a part of the file was not read, so a task that is missing here was not necessarily removed. */
  readonly complete: boolean;
}
