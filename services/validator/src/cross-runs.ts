import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { CheckRun, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { changeCommitOptions } from '@orchestrator/shared/repo/change-commit.ts';
import { checkRun } from './check-run.ts';
import { listed } from './findings/listed.ts';
import type { Plan } from './plan.ts';
import { alteredTestFiles } from './test-code/altered-tests.ts';
import { isTestFile } from './test-code/test-source.ts';
import { judge } from './verdict.ts';

export interface CrossRunOptions {
  readonly changeSet: ChangeSet;
  readonly plan: Plan;
  readonly base: CheckRun;
  readonly head: CheckRun;
}

const MAX_FINDINGS = 10;

/**
 * Tests are evidence only as far as the change did not make them fit. Where it altered existing tests, they are run as they
 * were against the changed source. With `validate.requireFailingFirst`, its tests are also run against the base's source,
 * where one that is new has to fail.
 */
export async function crossRuns(context: StageContext, options: CrossRunOptions): Promise<Finding[]> {
  return [...(await testsAsTheyWere(context, options)), ...(await testsWithoutTheChange(context, options))];
}

async function testsAsTheyWere(context: StageContext, { changeSet, plan, base }: CrossRunOptions): Promise<Finding[]> {
  const { files } = changeSet;
  const tests = files.filter((file) => isTestFile(file.path));
  if (tests.length === 0 || tests.length === files.length) return [];
  const before = await context.mirror.readFiles(
    changeSet.baseCommit,
    tests.map((file) => file.path),
  );
  const altered = alteredTestFiles(
    tests.map((file) => ({
      path: file.path,
      before: before.get(file.path) ?? null,
      after: file.op === 'write' ? Buffer.from(file.contentBase64, 'base64') : null,
    })),
  );
  if (altered.length === 0) return [];
  context.progress('the tests as they were, against the changed source');
  const run = await runOf(context, plan, { ...changeSet, files: files.filter((file) => !isTestFile(file.path)) }, base);
  const { findings } = judge({ base, head: run, headCommit: run.commit, policy: [], flaky: [] });
  const planned = new Set(
    Specification.safeParse(await context.artifact('specification')).data?.filesToChange.map((file) => file.path) ?? [],
  );
  // A failure outside of the altered files has one of them as its cause.
  const severityOf = (file = '') =>
    (altered.includes(file) ? planned.has(file) : altered.every((path) => planned.has(path))) ? 'warning' : 'error';
  return findings
    .filter((finding) => finding.severity === 'error')
    .slice(0, MAX_FINDINGS)
    .map((finding) => ({
      ...finding,
      check: 'comparison',
      code: 'TEST_REWRITTEN',
      severity: severityOf(finding.file),
      message: `Existing tests pass only as the change rewrote them. As they were, they do not pass with it; change the code so that they do:\n${finding.message}`,
    }));
}

async function testsWithoutTheChange(
  context: StageContext,
  { changeSet, plan, base, head }: CrossRunOptions,
): Promise<Finding[]> {
  if (!context.config.validate.requireFailingFirst) return [];
  const finding = (code: string, severity: Finding['severity'], message: string): Finding => ({
    check: 'comparison',
    code,
    severity,
    message,
  });
  const nothing = finding(
    'NO_FAILING_TEST',
    'error',
    'No test of the change fails without it. Add a test that fails before the change and passes with it.',
  );
  const tests = changeSet.files.filter((file) => isTestFile(file.path));
  if (tests.length === 0) return [nothing];
  context.progress('the tests of the change, against the source as it was');
  const run = await runOf(context, plan, { ...changeSet, files: tests }, base);
  // No results: with the tests the base does not even build, which is a way to fail.
  if (run.tests === null) return run.commands.every((command) => command.exitCode === 0) ? [nothing] : [];
  const statuses = new Map(run.tests.map((test) => [test.id, test.status]));
  const before = new Set(base.tests?.filter((test) => test.status === 'passed').map((test) => test.id));
  const passing = head.tests?.filter((test) => test.status === 'passed').map((test) => test.id) ?? [];
  if (passing.every((id) => statuses.get(id) === 'passed')) return [nothing];
  const useless = passing.filter((id) => !before.has(id) && statuses.get(id) === 'passed');
  return useless.length === 0
    ? []
    : [
        finding(
          'TEST_PASSES_WITHOUT_CHANGE',
          'warning',
          `New tests that pass without the change show nothing about it:\n${listed(useless)}`,
        ),
      ];
}

async function runOf(context: StageContext, plan: Plan, part: ChangeSet, base: CheckRun): Promise<CheckRun> {
  const { mirror, run, signal, env, repository, progress } = context;
  const commit = await mirror.commitChangeSet(part, await changeCommitOptions(context));
  const result = await checkRun({
    ...plan,
    mirror,
    signal,
    progress,
    home: env.ORCHESTRATOR_HOME,
    repositoryId: repository.id,
    commit,
    baseCommit: run.baseCommit,
    knownFailures: new Set(base.tests?.filter((test) => test.status === 'failed').map((test) => test.id) ?? []),
  });
  return result.run;
}
