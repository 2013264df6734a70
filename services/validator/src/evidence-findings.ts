import type { CheckRun, Finding, RunEvidence } from '@orchestrator/shared/contracts/verdict.ts';
import { listed } from './findings/listed.ts';
import { NO_EVIDENCE } from './test-run.ts';

/** What makes the results of a run unbelievable, measured against the base commit's own run. Pure. */
export function evidenceFindings(base: CheckRun, head: CheckRun): Finding[] {
  const { evidence } = head;
  if (evidence === undefined) return [];
  const before = base.evidence ?? NOTHING;
  const found: Finding[] = [];
  const add = (code: string, message: string, file?: string) =>
    found.push({ check: 'comparison', code, severity: 'error', message, ...(file === undefined ? {} : { file }) });
  if (evidence.foreignReports.length > 0 && before.foreignReports.length === 0)
    add('REPORT_FOREIGN', `Something other than the test runner wrote reports:\n${listed(evidence.foreignReports)}`);
  const repeated = without(evidence.repeatedTests, before.repeatedTests);
  if (repeated.length > 0) add('REPORT_REPEATED', `Two reports give results of the same tests:\n${listed(repeated)}`);
  if (disagrees(base, head))
    add(
      'REPORT_DISAGREES',
      `The report holds ${countOf(head)} tests, but the test runner ${evidence.printedTests === null ? 'did not say that it ran any' : `said that it ran ${evidence.printedTests}`}. Let the test runner write the report.`,
    );
  const [printedBefore, printedNow] = [before.printedTests, evidence.printedTests ?? 0];
  // Without a report on either side, what the runner prints is the only count.
  if (
    base.tests === null &&
    head.tests === null &&
    printedBefore !== null &&
    printedNow < printedBefore &&
    !wasCut(head)
  )
    add(
      'FEWER_TESTS',
      `The test runner said that it ran ${printedBefore} tests before the change, and ${printedNow} now.`,
    );
  const changed = without(evidence.changedFiles, before.changedFiles);
  if (changed.length > 0)
    add(
      'TRACKED_FILE_CHANGED',
      `Building or testing changed committed files:\n${listed(changed)}\nMake such a change part of your answer, or write elsewhere.`,
      changed[0],
    );
  return found;
}

const NOTHING: RunEvidence = { ...NO_EVIDENCE, changedFiles: [] };
/** Skipped ones aside: some runners do not count all of them. */
const countOf = (run: CheckRun): number => run.tests?.filter((test) => test.status !== 'skipped').length ?? 0;
const without = (paths: readonly string[], known: readonly string[]): string[] => {
  const old = new Set(known);
  return paths.filter((path) => !old.has(path));
};

/** Only where the two agreed at the base: runners count parameters, suites and retries in ways of their own. */
function disagrees(base: CheckRun, head: CheckRun): boolean {
  const printed = { base: base.evidence?.printedTests ?? null, head: head.evidence?.printedTests ?? null };
  if (printed.base === null || base.tests === null || head.tests === null || countOf(base) > printed.base) return false;
  if (printed.head === null) return countOf(head) > 0 && !wasCut(head);
  return countOf(head) > printed.head;
}

/** Part of an output was left out: what the runner printed may have been in it. */
const wasCut = (run: CheckRun): boolean =>
  run.commands.some((command) => /^\[… \d+ bytes left out …\]$/m.test(command.output));
