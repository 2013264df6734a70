import type { CheckRun, RunEvidence } from '@orchestrator/shared/contracts/verdict.ts';
import { expect, test } from 'vitest';
import { evidenceFindings } from './evidence-findings.ts';

const run = (count: number, evidence?: Partial<RunEvidence>, output = ''): CheckRun => ({
  commit: '0'.repeat(40),
  detector: 'npm',
  commands: [{ step: 'test', argv: ['t'], cwd: '', exitCode: 0, ended: 'exit', durationMs: 1, output }],
  tests: Array.from({ length: count }, (_, index) => ({ id: `t${index}`, status: 'passed' })),
  totals: { passed: count, failed: 0, skipped: 0 },
  sandbox: { tier: 'bubblewrap', probes: {} },
  ...(evidence === undefined
    ? {}
    : {
        evidence: {
          foreignReports: [],
          repeatedTests: [],
          printedTests: null,
          changedFiles: [],
          commandsWithoutPass: [],
          ...evidence,
        },
      }),
});

const bare = (printedTests: number | null): CheckRun => ({ ...run(0, { printedTests }), tests: null, totals: null });

test.each<[string, CheckRun, CheckRun, string[]]>([
  ['nothing', run(3, {}), run(3, {}), []],
  ['a baseline of before there was evidence', run(3), run(3, { printedTests: 3 }), []],
  ['a file among the reports', run(3, {}), run(3, { foreignReports: ['x.xml'] }), ['REPORT_FOREIGN']],
  ['a file that the base has too', run(3, { foreignReports: ['y'] }), run(3, { foreignReports: ['x'] }), []],
  ['a test in two reports', run(3, {}), run(4, { repeatedTests: ['t1'] }), ['REPORT_REPEATED']],
  ['a test that was in two before', run(3, { repeatedTests: ['t1'] }), run(4, { repeatedTests: ['t1'] }), []],
  ['more tests than were printed', run(3, { printedTests: 3 }), run(4, { printedTests: 1 }), ['REPORT_DISAGREES']],
  ['tests of which nothing was printed', run(3, { printedTests: 3 }), run(3, {}), ['REPORT_DISAGREES']],
  ['fewer tests than were printed', run(3, { printedTests: 3 }), run(4, { printedTests: 6 }), []],
  ['a runner that never counts alike', run(3, { printedTests: 2 }), run(4, { printedTests: 2 }), []],
  ['a runner that prints nothing', run(3, {}), run(4, {}), []],
  [
    'a count that was cut out of the output',
    run(3, { printedTests: 3 }),
    run(3, {}, 'a\n[… 9 bytes left out …]\nb'),
    [],
  ],
  ['fewer tests printed, without a report', bare(5), bare(4), ['FEWER_TESTS']],
  ['none printed any more, without a report', bare(5), bare(null), ['FEWER_TESTS']],
  ['more tests printed, without a report', bare(5), bare(6), []],
  ['a committed file that was written', run(3, {}), run(3, { changedFiles: ['a.js'] }), ['TRACKED_FILE_CHANGED']],
  ['one that every build writes', run(3, { changedFiles: ['a.js'] }), run(3, { changedFiles: ['a.js'] }), []],
])('%s', (_what, base, head, expected) => {
  expect(evidenceFindings(base, head).map((finding) => finding.code)).toEqual(expected);
});
