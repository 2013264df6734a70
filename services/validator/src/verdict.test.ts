import type {
  CheckRun,
  CommandResult,
  Finding,
  RunEvidence,
  TestResult,
} from '@orchestrator/shared/contracts/verdict.ts';
import { describe, expect, test } from 'vitest';
import { totalsOf } from './reports/merge-results.ts';
import { judge } from './verdict.ts';

const HEAD = 'f'.repeat(40);
const command = (part: Partial<CommandResult> = {}): CommandResult => ({
  step: 'test',
  argv: ['npm', 'test'],
  cwd: '',
  exitCode: 0,
  ended: 'exit',
  durationMs: 1,
  output: '',
  ...part,
});
const run = (tests: Record<string, TestResult['status']> | null, commands: CommandResult[] = [command()]): CheckRun => {
  const results =
    tests === null
      ? null
      : Object.entries(tests).map(
          ([id, status]): TestResult => ({ id, status, ...(status === 'failed' ? { message: `${id} broke` } : {}) }),
        );
  return {
    commit: '0'.repeat(40),
    detector: 'npm',
    commands,
    tests: results,
    totals: results === null ? null : totalsOf(results),
    sandbox: { tier: 'bubblewrap', probes: {} },
  };
};
const verdict = (base: CheckRun, head: CheckRun | null, policy: Finding[] = [], flaky: string[] = []) =>
  judge({ base, head, headCommit: HEAD, policy, flaky });
const red = (output = '') => command({ exitCode: 1, output });

describe('passes', () => {
  test.each<[string, CheckRun, CheckRun]>([
    ['the same tests', run({ a: 'passed' }), run({ a: 'passed' })],
    ['more tests', run({ a: 'passed' }), run({ a: 'passed', b: 'passed' })],
    ['no report before, none now', run(null), run(null)],
    ['no report before, one now', run(null), run({ a: 'passed' })],
    ['a test that failed before and is fixed', run({ a: 'failed' }, [red()]), run({ a: 'passed' })],
    [
      'a test that failed before and still does',
      run({ a: 'failed', b: 'passed' }, [red()]),
      run({ a: 'failed', b: 'passed' }, [red()]),
    ],
    [
      'a test that was skipped before and still is',
      run({ a: 'skipped', b: 'passed' }),
      run({ a: 'skipped', b: 'passed' }),
    ],
    ['a skipped test that is gone', run({ a: 'passed', b: 'skipped' }), run({ a: 'passed' })],
    ['a test that moved to another file', run({ 'x.js > works': 'passed' }), run({ 'y.js > works': 'passed' })],
    ['a new test that is skipped', run({ a: 'passed' }), run({ a: 'passed', b: 'skipped' })],
  ])('%s', (_what, base, head) => {
    expect(verdict(base, head)).toMatchObject({ passed: true, findings: [], feedback: '', headCommit: HEAD });
  });
});

const build = (part: Partial<CommandResult> = {}) => command({ step: 'build', argv: ['make'], ...part });
const evidence = (part: Partial<RunEvidence>): { evidence: RunEvidence } => ({
  evidence: {
    foreignReports: [],
    repeatedTests: [],
    printedTests: null,
    changedFiles: [],
    commandsWithoutPass: [],
    ...part,
  },
});

test.each<[string, CheckRun, CheckRun]>([
  ['a build without tests', run(null, [build()]), run(null, [build()])],
  ['tests that are all skipped', run({ a: 'skipped' }), run({ a: 'skipped' })],
  ['reports without a test', run({}), run({})],
  ['a new test that is skipped, where there was none', run(null, [build(), command()]), run({ a: 'skipped' })],
  ['a runner that says it ran none', run(null), { ...run(null), ...evidence({ printedTests: 0 }) }],
])('%s: it passes, and who reviews is told that nothing was executed', (_what, base, head) => {
  expect(verdict(base, head)).toMatchObject({
    passed: true,
    findings: [{ code: 'NOTHING_TESTED', severity: 'warning' }],
  });
});

describe('a red base does not hide that nothing was tested', () => {
  const both = (one: CheckRun): [CheckRun, CheckRun] => [one, structuredClone(one)];
  test.each<[string, [CheckRun, CheckRun]]>([
    ['every test fails as before', both(run({ a: 'failed', b: 'failed' }, [red()]))],
    ['every test fails or is skipped as before', both(run({ a: 'failed', b: 'skipped' }, [red()]))],
    ['the runner crashes as before, without a report', both(run(null, [red('boom')]))],
    ['the runner crashes as before, with an empty report', both(run({}, [red('boom')]))],
    ['a limit ends the tests as before', both(run({ a: 'passed' }, [command({ exitCode: null, ended: 'timeout' })]))],
    [
      'one of two runners crashes as before, and only the other reports',
      both({
        ...run({ a: 'passed' }, [red('boom'), command({ argv: ['mvn', 'test'] })]),
        ...evidence({ commandsWithoutPass: [0] }),
      }),
    ],
  ])('%s', (_what, [base, head]) => {
    expect(verdict(base, head)).toMatchObject({ passed: false, findings: [{ check: 'test', code: 'NOT_TESTED' }] });
  });

  test('one test that passes beside the old failures is enough to be compared', () => {
    const head = { ...run({ a: 'failed', b: 'passed' }, [red()]), ...evidence({}) };
    expect(verdict(run({ a: 'failed', b: 'passed' }, [red()]), head)).toMatchObject({ passed: true, findings: [] });
  });

  test('a change that lets the first test pass is one that was tested', () => {
    expect(
      verdict(run({ a: 'failed', b: 'failed' }, [red()]), run({ a: 'passed', b: 'failed' }, [red()])),
    ).toMatchObject({ passed: true, tests: { fixed: ['a'] } });
  });
});

describe('fails', () => {
  test.each<[string, CheckRun, CheckRun, string]>([
    ['a test that passed before', run({ a: 'passed' }), run({ a: 'failed' }, [red()]), 'TEST_FAILED'],
    ['a new test that fails', run({ a: 'passed' }), run({ a: 'passed', b: 'failed' }, [red()]), 'TEST_FAILED'],
    ['a failed test although the command ended well', run({ a: 'passed' }), run({ a: 'failed' }), 'TEST_FAILED'],
    ['a red command although every test passed', run({ a: 'passed' }), run({ a: 'passed' }, [red()]), 'COMMAND_FAILED'],
    ['a red command without any report', run(null), run(null, [red('boom')]), 'COMMAND_FAILED'],
    ['a test that is gone', run({ a: 'passed', b: 'passed' }), run({ a: 'passed' }), 'TESTS_MISSING'],
    [
      'a test replaced by another',
      run({ a: 'passed', b: 'passed' }),
      run({ a: 'passed', c: 'passed' }),
      'TESTS_MISSING',
    ],
    [
      'a test that failed before and is gone',
      run({ a: 'passed', b: 'failed' }, [red()]),
      run({ a: 'passed' }),
      'TESTS_MISSING',
    ],
    ['a test that is skipped now', run({ a: 'passed' }), run({ a: 'skipped' }), 'TESTS_SKIPPED'],
    ['no report although the command ended well', run({ a: 'passed' }), run(null), 'REPORT_MISSING'],
    ['an empty report', run({ a: 'passed' }), run({}), 'TESTS_MISSING'],
    [
      'a build that fails',
      run({ a: 'passed' }, [command({ step: 'build' }), command()]),
      run(null, [command({ step: 'build', exitCode: 2, output: 'src/a.ts(3,5): error TS1: no' })]),
      'TS1',
    ],
    [
      'the time limit',
      run({ a: 'passed' }),
      run({ a: 'passed' }, [command({ exitCode: null, ended: 'timeout' })]),
      'TIMEOUT',
    ],
    ['the memory limit', run({ a: 'passed' }), run(null, [command({ exitCode: null, ended: 'memory' })]), 'MEMORY'],
    [
      'dependencies that cannot be fetched',
      run({ a: 'passed' }),
      run(null, [command({ step: 'prepare', exitCode: 1 })]),
      'COMMAND_FAILED',
    ],
    [
      'a build that fails as before, so that nothing is tested',
      run(null, [command({ step: 'build', exitCode: 1, output: 'a.c:1:1: error: old' })]),
      run(null, [command({ step: 'build', exitCode: 1, output: 'a.c:1:1: error: old' })]),
      'NOT_TESTED',
    ],
    [
      'dependencies that can be fetched neither before nor now',
      run(null, [command({ step: 'prepare', exitCode: 1 })]),
      run(null, [command({ step: 'prepare', exitCode: 1 })]),
      'NOT_TESTED',
    ],
    [
      'a build that failed before in another way',
      run(null, [command({ step: 'build', exitCode: 1, output: 'a.c:1:1: error: old' })]),
      run(null, [command({ step: 'build', exitCode: 1, output: 'a.c:1:1: error: old\nb.c:2:1: error: new' })]),
      'CC',
    ],
  ])('%s', (_what, base, head, code) => {
    const result = verdict(base, head);
    expect(result.passed).toBe(false);
    expect(result.findings.map((finding) => finding.code)).toEqual([code]);
    expect(result.feedback).toContain(code);
  });

  test('a file that does not load is explained by what its interpreter printed', () => {
    const head = run({ a: 'failed' }, [red('src/a.js:2\nconst a = ;\n          ^\n\nSyntaxError: Unexpected token\n')]);
    expect(verdict(run({ a: 'passed' }), head).findings.map((finding) => finding.code)).toEqual([
      'NODE',
      'TEST_FAILED',
    ]);
  });

  test('a traceback of a failed test is not told twice', () => {
    const output =
      'Traceback (most recent call last):\n  File "tests/test_a.py", line 8, in test_x\nAssertionError: 1 != 2\n';
    const head = run({ a: 'failed' }, [red(output)]);
    const placed = {
      ...head,
      tests: head.tests?.map((each) => ({ ...each, file: 'tests/test_a.py', line: 8 })) ?? null,
    };
    expect(verdict(run({ a: 'passed' }), placed).findings.map((finding) => finding.code)).toEqual(['TEST_FAILED']);
  });

  test('findings of the checks fail it without a run, and no test counts as missing', () => {
    const finding: Finding = { check: 'policy.size', code: 'NO_CHANGE', severity: 'error', message: 'nothing' };
    expect(verdict(run({ a: 'passed' }), null, [finding])).toMatchObject({
      passed: false,
      run: null,
      findings: [finding],
      tests: { missing: [], newlyFailed: [] },
    });
  });

  test('a great many failed tests are counted, not all listed', () => {
    const all = (status: TestResult['status']) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`t${index}`, status]));
    const result = verdict(run(all('passed')), run(all('failed'), [red()]));
    expect(result.tests.newlyFailed).toHaveLength(300);
    expect(result.findings).toHaveLength(41);
    expect(result.findings.at(-1)?.message).toBe('260 more tests fail.');
  });
});

test('warnings of checks are kept, and fail nothing', () => {
  const warning: Finding = { check: 'policy.size', code: 'W', severity: 'warning', message: 'large' };
  expect(verdict(run({ a: 'passed' }), run({ a: 'passed' }), [warning])).toMatchObject({
    passed: true,
    findings: [warning],
  });
});

test('each test is named in one place: new, known, fixed, flaky, added or missing', () => {
  const base = run({ known: 'failed', fixed: 'failed', fine: 'passed', gone: 'passed' }, [red()]);
  const head = run({ known: 'failed', fixed: 'passed', fine: 'passed', fresh: 'passed', bad: 'failed' }, [red()]);
  expect(verdict(base, head, [], ['fine']).tests).toEqual({
    newlyFailed: ['bad'],
    knownFailed: ['known'],
    fixed: ['fixed'],
    flaky: ['fine'],
    added: ['fresh', 'bad'],
    missing: ['gone'],
  });
});
