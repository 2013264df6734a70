import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { CheckRun } from '@orchestrator/shared/contracts/verdict.ts';
import { CheckRun as CheckRunContract } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { checkRun } from './check-run.ts';
import { findRecipe, recipeHash } from './find-recipe.ts';
import type { Recipe } from './recipe.ts';
import { repositoryRules } from './rules/repository-rules.ts';
import { type CommandLimits, succeeded } from './run-commands.ts';
import { chooseSandbox, type SandboxChoice } from './sandbox/choose-sandbox.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { findToolchains } from './sandbox/toolchains.ts';

/** What a run of this repository at this base commit is done with. */
export interface Plan {
  readonly recipe: Recipe;
  readonly hash: string;
  readonly sandbox: Sandbox;
  readonly limits: CommandLimits;
  /** sandbox.prepareHosts. */
  readonly prepareHosts: readonly string[];
  /** The change asks for other packages than the base: where it is built, they are fetched too. Absent: no. */
  readonly newPackages?: boolean;
}

/** Counted up when a baseline made by an older version of this code is no longer comparable. */
const PROFILE_VERSION = 2;

/** Throws RULES_INVALID, SANDBOX_UNAVAILABLE, NO_COMMANDS, TOOL_MISSING. */
export async function planRun(
  context: Pick<StageContext, 'mirror' | 'run' | 'repository' | 'config'> & Partial<Pick<StageContext, 'signal'>>,
  module: string | null,
  choice: SandboxChoice,
): Promise<Plan> {
  const { mirror, run, repository, config, signal } = context;
  // A rule that is wrong is told before anything is spent.
  await repositoryRules(mirror, run.baseCommit, signal ?? new AbortController().signal);
  const sandbox = await chooseSandbox(repository.url, choice, config.sandbox.minTier);
  const { tools } = await findToolchains();
  const recipe = await findRecipe({
    mirror,
    commit: run.baseCommit,
    validate: config.validate,
    module,
    tools,
    repo: repository.name,
  });
  return {
    recipe,
    sandbox,
    limits: limitsOf(config.validate),
    prepareHosts: config.sandbox.prepareHosts,
    hash: recipeHash(recipe, `${PROFILE_VERSION} ${sandbox.info.tier}`),
  };
}

export const limitsOf = (validate: OrchestratorConfig['validate']): CommandLimits => ({
  timeoutMs: validate.timeout,
  cpuMs: validate.cpuTime ?? 4 * validate.timeout,
  memoryMb: validate.memoryMb,
  diskMb: validate.diskMb,
  processes: validate.processes,
});

/**
 * The base commit's own results: from the database, else by running it. Only a green one is kept, since what made the
 * other red may lie in the machine.
 */
export async function obtainBaseline(context: StageContext, plan: Plan): Promise<CheckRun> {
  const { db, repository, run, mirror, env, signal, progress } = context;
  const key = { repositoryId: repository.id, commit: run.baseCommit, recipeHash: plan.hash };
  const stored = await db.baseline.findUnique({ where: { repositoryId_commit_recipeHash: key } });
  const parsed = CheckRunContract.safeParse(stored?.content);
  if (parsed.success) return parsed.data;
  const { run: result } = await checkRun({
    ...plan,
    mirror,
    signal,
    progress,
    home: env.ORCHESTRATOR_HOME,
    repositoryId: repository.id,
    commit: run.baseCommit,
    baseCommit: run.baseCommit,
    knownFailures: new Set(),
  });
  if (isGreen(result))
    await db.baseline.upsert({
      where: { repositoryId_commit_recipeHash: key },
      create: { ...key, content: result },
      update: { content: result },
    });
  return result;
}

export const isGreen = (run: CheckRun): boolean => run.commands.every(succeeded) && (run.totals?.failed ?? 0) === 0;
