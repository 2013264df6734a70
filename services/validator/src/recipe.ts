import type { CommandResult } from '@orchestrator/shared/contracts/verdict.ts';

/**
 * How a repository is built and tested. Texts may hold {work}, {cache}, {reports}, {kit}, {home} and {memoryMb}: the
 * places of the box, which differ between sandboxes.
 */
export interface Recipe {
  /** Which detectors made it, such as npm or npm+maven; `config` where orchestrator.yaml gives all commands. */
  readonly detector: string;
  /** Folders that it builds and tests; '' is the whole repository. */
  readonly roots: readonly string[];
  /** Commands that have to be installed. */
  readonly tools: readonly string[];
  /** Fetches dependencies of the base commit, with network; its result is kept. Empty: nothing to fetch. */
  readonly prepare: readonly RecipeCommand[];
  /**
   * Fetches what the manifests of a change ask for, without running anything that the change wrote, where its packages may
   * differ from the base's. Absent: the ecosystem has no such way.
   */
  readonly fetch?: readonly RecipeCommand[];
  readonly build: readonly RecipeCommand[];
  readonly test: readonly RecipeCommand[];
  /** Report files that the test commands write. */
  readonly reports: readonly ReportFiles[];
  /** For build and test. */
  readonly env: Readonly<Record<string, string>>;
  /** For prepare, on top of the machine's own package manager configuration. */
  readonly prepareEnv: Readonly<Record<string, string>>;
  readonly caches: RecipeCaches;
}

export interface RecipeCommand {
  readonly step: CommandResult['step'];
  readonly argv: readonly [string, ...string[]];
  /** Relative to the workspace. */
  readonly cwd: string;
  /** How results are read from what the command prints; absent: only report files count. */
  readonly parse?: StreamFormat;
}

export type StreamFormat = 'go-json' | 'libtest' | 'tap';

export interface ReportFiles {
  readonly format: 'junit' | 'jest-json' | 'node-events' | 'trx';
  /** Relative to the workspace, or below {reports}. */
  readonly glob: string;
}

export interface RecipeCaches {
  /** Files whose content decides whether the prepared dependencies still fit. */
  readonly keyFiles: readonly string[];
  /** Folders that prepare makes in the workspace and that runs need there, as globs. */
  readonly outputs: readonly string[];
  /** Folders below {cache}. `copy`: the run may write to it, and its writes are dropped. */
  readonly folders: readonly { readonly path: string; readonly mode: 'readonly' | 'copy' }[];
}

export const NO_CACHES: RecipeCaches = { keyFiles: [], outputs: [], folders: [] };
