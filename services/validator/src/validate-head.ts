import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { CheckRun } from '@orchestrator/shared/contracts/verdict.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { checkRun } from './check-run.ts';
import { planRun } from './plan.ts';
import type { SandboxChoice } from './sandbox/choose-sandbox.ts';

export interface ValidateHeadOptions extends SandboxChoice {
  /** Folder or URL, as the user gave it. */
  readonly repo: string;
  readonly mirror: Mirror;
  readonly commit: string;
  readonly config: OrchestratorConfig;
  /** ORCHESTRATOR_HOME. */
  readonly home: string;
  readonly module?: string | null;
  readonly signal?: AbortSignal;
  readonly progress?: (text: string) => void;
}

/**
 * Builds and tests one commit, without any change and without a database: what `orchestrator validate` shows. `isGreen`
 * of plan.ts says whether it passed. Throws SANDBOX_UNAVAILABLE, NO_COMMANDS, TOOL_MISSING, DISK_FULL.
 */
export async function validateHead({
  repo,
  mirror,
  commit,
  config,
  home,
  module = null,
  signal,
  progress,
  ...choice
}: ValidateHeadOptions): Promise<CheckRun> {
  const { url, name } = mirror.identity;
  const context = {
    mirror,
    config,
    run: { id: '', baseCommit: commit, round: 1, branch: '' },
    repository: { id: '', url: url || repo, name, defaultBranch: '' },
  };
  const plan = await planRun(context, module, choice);
  const { run } = await checkRun({
    ...plan,
    mirror,
    home,
    commit,
    baseCommit: commit,
    knownFailures: new Set(),
    repositoryId: mirror.identity.mirrorName,
    signal: signal ?? new AbortController().signal,
    progress: progress ?? (() => {}),
  });
  return run;
}
