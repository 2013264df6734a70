import type {
  AppliedPack,
  CheckRun,
  CommandResult,
  Finding,
  SuppressedFinding,
  TestResult,
  Verdict,
} from '@orchestrator/shared/contracts/verdict.ts';
import { compareTests, type TestComparison } from './compare-tests.ts';
import { evidenceFindings } from './evidence-findings.ts';
import { commandFindings } from './findings/command-findings.ts';
import { feedbackOf, orderFindings } from './findings/feedback.ts';
import { listed } from './findings/listed.ts';
import { fingerprintOf } from './fingerprint.ts';
import { succeeded } from './run-commands.ts';
import { untested } from './untested.ts';

export interface JudgeOptions {
  readonly base: CheckRun;
  /** null: nothing was executed, since the checks found errors. */
  readonly head: CheckRun | null;
  readonly headCommit: string;
  /** Of the checks on the change. */
  readonly policy: readonly Finding[];
  readonly suppressed?: readonly SuppressedFinding[];
  readonly packs?: readonly AppliedPack[];
  readonly flaky: readonly string[];
  /** Of runs in which tests and source were exchanged with the base commit's; see cross-runs.ts. */
  readonly crossed?: readonly Finding[];
}

const MAX_TEST_FINDINGS = 40;

/** Pass or fail, from exit codes and reports alone, against the base commit. Pure. */
export function judge({
  base,
  head,
  headCommit,
  policy,
  suppressed,
  packs,
  flaky,
  crossed = [],
}: JudgeOptions): Verdict {
  const comparison = compareTests(base.tests, head?.tests ?? null);
  const findings = orderFindings(
    head === null
      ? policy
      : [
          ...policy,
          ...commandProblems(base, head, comparison),
          ...testProblems(base, head, comparison),
          ...evidenceFindings(base, head),
          ...crossed,
        ],
  );
  if (head !== null && !findings.some(isError)) findings.unshift(...untested(head));
  const { newlySkipped: _newlySkipped, ...tests } =
    head === null ? { ...comparison, missing: [], added: [] } : comparison;
  return {
    passed: !findings.some(isError),
    findings,
    suppressed: [...(suppressed ?? [])],
    packs: [...(packs ?? [])],
    fingerprint: fingerprintOf(findings),
    headCommit,
    run: head,
    baseTotals: base.totals,
    tests: { ...tests, flaky: [...flaky] },
    feedback: feedbackOf(findings),
  };
}

const isError = (finding: Finding): boolean => finding.severity === 'error';

/** Commands that failed, unless they failed in the same way before or their failed tests say it all. */
function commandProblems(base: CheckRun, head: CheckRun, comparison: TestComparison): Finding[] {
  const findings: Finding[] = [];
  for (const command of head.commands) {
    if (succeeded(command)) continue;
    const before = base.commands.find((other) => sameCommand(other, command));
    if (command.step === 'test' && command.ended === 'exit') {
      // The failed tests say it, but for a file that did not even load: what its compiler or interpreter printed does.
      if (comparison.newlyFailed.length > 0) {
        const told = new Set(head.tests?.filter((test) => test.status === 'failed').map(placeOf));
        findings.push(...newErrors(command, before).filter((finding) => !told.has(placeOf(finding))));
        continue;
      }
      // Red before and red now, each with a report: only the tests' differences count.
      if (before !== undefined && !succeeded(before) && base.tests !== null && head.tests !== null) continue;
    }
    const known = new Set(before === undefined || succeeded(before) ? [] : commandFindings(before).map(identity));
    findings.push(...commandFindings(command).filter((finding) => !known.has(identity(finding))));
  }
  return findings;
}

/** Located errors that the same command did not print before. */
function newErrors(command: CommandResult, before: CommandResult | undefined): Finding[] {
  const located = (result: CommandResult | undefined) =>
    result === undefined ? [] : commandFindings(result).filter((finding) => finding.code !== 'COMMAND_FAILED');
  const known = new Set(located(before).map(identity));
  return located(command).filter((finding) => !known.has(identity(finding)));
}

const placeOf = ({ file, line }: { file?: string | undefined; line?: number | undefined }): string => `${file}:${line}`;
const sameCommand = (one: CommandResult, other: CommandResult): boolean =>
  one.step === other.step && one.cwd === other.cwd && one.argv.join('\0') === other.argv.join('\0');
const identity = (finding: Finding): string => fingerprintOf([finding]);

function testProblems(base: CheckRun, head: CheckRun, comparison: TestComparison): Finding[] {
  // Without a finished test phase there is nothing to compare: what stopped it is the finding.
  const tested = head.commands.some((command) => command.step === 'test');
  if (!tested) return [];
  const results = new Map(head.tests?.map((test) => [test.id, test]) ?? []);
  const findings = comparison.newlyFailed.slice(0, MAX_TEST_FINDINGS).map((id) => failedTest(id, results.get(id)));
  const left = comparison.newlyFailed.length - findings.length;
  if (left > 0)
    findings.push({ check: 'test', code: 'MORE_FAILED', severity: 'error', message: `${left} more tests fail.` });
  const compared = (code: string, message: string) =>
    findings.push({ check: 'comparison', code, severity: 'error', message });
  if (base.tests !== null && base.tests.length > 0 && head.tests === null) {
    if (head.commands.every(succeeded))
      compared(
        'REPORT_MISSING',
        'The test command ended well but wrote no report, unlike before the change. Let the tests run as they did.',
      );
    return findings;
  }
  if (comparison.newlySkipped.length > 0)
    compared('TESTS_SKIPPED', `Tests that ran before the change are skipped now:\n${listed(comparison.newlySkipped)}`);
  if (comparison.missing.length > 0)
    compared('TESTS_MISSING', `Tests that ran before the change did not run:\n${listed(comparison.missing)}`);
  const executed = (run: CheckRun) => run.tests?.filter((test) => test.status !== 'skipped').length ?? 0;
  if (
    base.tests !== null &&
    executed(head) < executed(base) &&
    comparison.missing.length === 0 &&
    comparison.newlySkipped.length === 0
  )
    compared('FEWER_TESTS', `${executed(base)} tests ran before the change, ${executed(head)} now.`);
  return findings;
}

function failedTest(id: string, test: TestResult | undefined): Finding {
  return {
    check: 'test',
    code: 'TEST_FAILED',
    severity: 'error',
    message: test?.message ?? 'The test failed without a message.',
    test: id,
    ...(test?.file === undefined ? {} : { file: test.file, ...(test.line === undefined ? {} : { line: test.line }) }),
  };
}
