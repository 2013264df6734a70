import type { CheckRun, ClassReport, CommandResult, TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { inspectBuild } from './bytecode/inspect-build.ts';
import { takeMemory } from './memory-share.ts';
import { prepareChange } from './prepare/prepare-change.ts';
import { type Prepared, prepareDependencies } from './prepare/prepared.ts';
import type { Recipe } from './recipe.ts';
import { mergeReruns, totalsOf } from './reports/merge-results.ts';
import { placeTests } from './reports/place-tests.ts';
import { type CommandLimits, type CommandSetting, runCommand, succeeded } from './run-commands.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { isBelievable, NO_EVIDENCE, runTests, type TestRun } from './test-run.ts';
import { makeRunDirectory, type RunDirectory } from './workspace/run-directory.ts';
import { layInSpare, populateWorkspace } from './workspace/spare-trees.ts';
import { changedTracked, markTracked, type TrackedFiles } from './workspace/tracked-files.ts';

export interface CheckRunOptions {
  readonly home: string;
  readonly repositoryId: string;
  readonly mirror: Mirror;
  /** What is built and tested. */
  readonly commit: string;
  /** Whose manifests decide what is fetched. */
  readonly baseCommit: string;
  readonly recipe: Recipe;
  readonly sandbox: Sandbox;
  readonly limits: CommandLimits;
  /** sandbox.prepareHosts. */
  readonly prepareHosts: readonly string[];
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  /** The commit asks for other packages than the base, and may: they are fetched too. */
  readonly newPackages?: boolean;
  /** Failed tests that are no news; the others are run once more, to find flaky ones. */
  readonly knownFailures: ReadonlySet<string>;
}

/** `flaky`: ids of tests that failed and then passed; they count as passed. */
export interface CheckRunResult {
  readonly run: CheckRun;
  readonly flaky: readonly string[];
}

/**
 * Builds and tests a commit in the sandbox: prepare (of the base), build, test, reports. Stops at the first build command
 * that fails; runs every test command. Waits while other runs need the memory. Throws SANDBOX_UNAVAILABLE, DISK_FULL.
 */
export async function checkRun(options: CheckRunOptions): Promise<CheckRunResult> {
  const share = await takeMemory(options.limits.memoryMb, options.signal);
  try {
    return await buildAndTest(options);
  } finally {
    share.release();
  }
}

async function buildAndTest(options: CheckRunOptions): Promise<CheckRunResult> {
  const { recipe, sandbox, home, commit } = options;
  const session = await sandbox.open();
  let spare: Promise<void> | null = null;
  const directory = await makeRunDirectory(home);
  try {
    const ofBase = await prepareDependencies({ ...options, session, commit: options.baseCommit });
    const prepared = options.newPackages
      ? await prepareChange({ ...options, session, headCommit: commit }, ofBase)
      : ofBase;
    const { network } = prepared;
    const commands: CommandResult[] = [...prepared.commands];
    const tree = await options.mirror.listFiles(commit);
    let marks: TrackedFiles = [];
    let classes: ClassReport | null = null;
    const result = async (
      tested: Pick<TestRun, 'tests' | 'evidence'> = { tests: null, evidence: NO_EVIDENCE },
      flaky: readonly string[] = [],
    ): Promise<CheckRunResult> => {
      const tests =
        tested.tests === null
          ? null
          : placeTests(
              tested.tests,
              tree.map((file) => file.path),
            );
      const totals = tests === null ? null : totalsOf(tests);
      const evidence = { ...tested.evidence, changedFiles: await changedTracked(directory.work, marks) };
      const run = {
        commit,
        detector: recipe.detector,
        commands,
        tests,
        totals,
        sandbox: sandbox.info,
        network,
        evidence,
        classes,
      };
      return { flaky, run };
    };
    if (prepared.failed) return await result();
    const setting = await populate(directory, prepared, { ...options, session });
    marks = markTracked(directory.work, tree);
    // While the commands run: the next workspace of this repository begins with the same base commit.
    spare = layInSpare({ ...options, commit: options.baseCommit });
    for (const command of recipe.build) {
      const { result: ran } = await runCommand(command, setting);
      commands.push(ran);
      if (!succeeded(ran)) return await result();
    }
    const files = tree.map((file) => file.path);
    classes = await inspectBuild(setting, files);
    if (recipe.test.length === 0) return await result();
    const first = await runTests(recipe, recipe.test, setting);
    // Where the tests build as well, as with make.
    classes ??= await inspectBuild(setting, files);
    const failed = recipe.test.filter((_command, index) => !succeeded(first.commands[index] as CommandResult));
    if (failed.length === 0 || !hasNews(first.tests, options.knownFailures)) {
      commands.push(...first.commands);
      return await result(first);
    }
    options.progress('test: once more, to find flaky tests');
    const second = await runTests(recipe, failed, setting);
    const merged = mergeReruns(first.tests ?? [], isBelievable(second, first) ? (second.tests ?? []) : []);
    // A command that passes the second time has passed; otherwise its first run, with its messages, is the result.
    const again = new Map(failed.map((command, index) => [command, second.commands[index]]));
    recipe.test.forEach((command, index) => {
      const rerun = again.get(command);
      commands.push(
        rerun !== undefined && succeeded(rerun) && merged.flaky.length > 0
          ? rerun
          : (first.commands[index] as CommandResult),
      );
    });
    const evidence = {
      ...first.evidence,
      foreignReports: [...new Set([...first.evidence.foreignReports, ...second.evidence.foreignReports])],
      repeatedTests: [...new Set([...first.evidence.repeatedTests, ...second.evidence.repeatedTests])],
    };
    return await result({ tests: merged.tests, evidence }, merged.flaky);
  } finally {
    await directory.remove();
    await spare;
    await session.release();
  }
}

async function populate(
  directory: RunDirectory,
  prepared: Prepared,
  {
    home,
    repositoryId,
    mirror,
    commit,
    recipe,
    sandbox,
    session,
    limits,
    signal,
    progress,
  }: CheckRunOptions & Pick<CommandSetting, 'session'>,
): Promise<CommandSetting> {
  progress(`checkout of ${commit.slice(0, 10)}`);
  await populateWorkspace({ home, repositoryId, mirror, commit, dir: directory.work, signal });
  const readOnly = await prepared.restore(directory);
  await directory.own(session.owner);
  return {
    session,
    layout: sandbox.layout(directory),
    directory,
    limits,
    env: recipe.env,
    network: 'none',
    readOnly,
    signal,
    progress,
  };
}

/** Some test failed that was not known to. */
const hasNews = (tests: readonly TestResult[] | null, known: ReadonlySet<string>): boolean =>
  tests?.some((test) => test.status === 'failed' && !known.has(test.id)) ?? false;
