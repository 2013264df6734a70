import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { addedLines, type Check, textOf } from '../check.ts';
import { isTestFile } from '../test-code/test-source.ts';

interface Patch {
  readonly files: RegExp;
  readonly line: RegExp;
  /** What it does, after "The line". */
  readonly does: string;
  /** Only in files of tests: elsewhere it may be what the program is for. */
  readonly testsOnly: boolean;
  /** Not in files that hold this. */
  readonly unless?: RegExp;
}

const SCRIPT = /\.[cm]?[jt]sx?$/;
const JVM = /\.(?:java|kt|groovy|scala)$/;
const patch = (files: RegExp, line: RegExp, does: string, testsOnly = true, unless?: RegExp): Patch => ({
  files,
  line,
  does,
  testsOnly,
  ...(unless === undefined ? {} : { unless }),
});

const PATCHES: readonly Patch[] = [
  patch(
    /\.py$/,
    /\bdef\s+pytest_(?:runtest_\w+|pyfunc_call|collection_modifyitems|collect_\w+|ignore_collect|pycollect_makeitem|sessionfinish|report_teststatus|cmdline_main|exception_interact|deselected|unconfigure)\b/,
    'changes what the test runner collects or reports',
    false,
  ),
  patch(/\.py$/, /\bos\._exit\s*\(|\bsys\.exit\s*\(\s*0?\s*\)|\bquit\s*\(\s*\)/, 'ends the test run early'),
  patch(
    /\.py$/,
    /\b_pytest\b|\bsys\.modules\s*\[|\bunittest\.(?:TestCase|TestResult|case)\.[\w.]+\s*=(?!=)|\bpytest\.(?:fail|raises)\s*=(?!=)|\bbuiltins\.\w+\s*=(?!=)/,
    'replaces a part of the test runner or of what is tested',
  ),
  patch(/(?:^|\/)(?:sitecustomize|usercustomize)\.py$|\.pth$/, /./, 'runs before every Python program', false),
  patch(SCRIPT, /\bprocess\.(?:exit|reallyExit|abort)\s*\(|\bprocess\.exitCode\s*=\s*0/, 'ends the test run early'),
  patch(
    SCRIPT,
    /\b(?:assert|expect)(?:\.\w+)*\s*=(?!=|>)|\bObject\.(?:defineProperty|assign)\s*\(\s*(?:assert|expect)\b|\bmock\.module\s*\(\s*['"`](?:node:)?(?:test|assert)|\bModule\._|\brequire\.cache\b/,
    'replaces a part of the test runner or of what is tested',
  ),
  patch(SCRIPT, /\b(?:retryTimes|retries)\s*\(\s*\d|\bretry\s*:\s*[1-9]/, 'runs a failed test again until it passes'),
  patch(
    /\.py$/,
    /@(?:pytest\.mark\.)?flaky\b|\breruns\s*=|@(?:tenacity\.)?retry\b/,
    'runs a failed test again until it passes',
  ),
  // A library never ends the process; a program may.
  patch(
    /\.go$/,
    /\b(?:os|syscall)\.Exit\s*\(\s*0\s*\)/,
    'ends the test run early',
    false,
    /^package (?:main|cmd|cli|command)\b/m,
  ),
  patch(JVM, /\bSystem\.exit\s*\(|\.halt\s*\(/, 'ends the test run early'),
  patch(
    JVM,
    /\bimplements\b.*\b(?:InvocationInterceptor|TestExecutionExceptionHandler|ExecutionCondition|TestExecutionListener|LauncherSessionListener|TestWatcher)\b|\b(?:MethodRule|TestRule)\b/,
    'changes what the test runner runs or reports',
  ),
  patch(
    JVM,
    /@(?:RetryingTest|Retry|RetryTest|Flaky)\b|\bfailureThreshold\b/,
    'runs a failed test again until it passes',
  ),
  patch(
    /\.rs$/,
    /\bprocess::(?:exit\s*\(\s*0|abort)|\bpanic::set_hook\b|\bcatch_unwind\b/,
    'ends the test run early or hides its failures',
  ),
  patch(
    /\.py$/,
    /\b__(?:eq|bool|contains)__\s*(?:=\s*lambda[^:]{0,40}:\s*True|\([^)]{0,40}\)[^:]{0,20}:\s*return True\b)/,
    'makes a value equal to whatever it is compared with',
    false,
  ),
  patch(
    /\.py$/,
    /\b__(?:eq|bool|contains)__\s*(?:=\s*lambda[^:]{0,40}:\s*True|\([^)]{0,40}\)[^:]{0,20}:\s*return True\b)/,
    'makes a value equal to whatever it is compared with',
    false,
  ),
  patch(JVM, /\bboolean equals\(\s*Object \w+\s*\)\s*\{\s*return true\b/, 'makes a value equal to all others', false),
  patch(
    /./,
    /=== RUN {3}|--- PASS: |\btest result: ok\b|\bTests run: (?:\d|%)|\bBUILD SUCCESS\b/,
    'prints what a test runner prints',
    false,
  ),
  patch(/./, /\bREPORT_DIR\b|\bsurefire-reports\b/, 'reaches for the reports of the tests', false),
];

/** Prose may name all of this. */
const PROSE = /\.(?:md|mdx|rst|adoc|txt)$/i;

/** A change does not lay hands on what runs and reports the tests. */
export default {
  id: 'runner-patched',
  run: ({ written }) =>
    written
      .filter(({ path }) => !PROSE.test(path))
      .flatMap((file) => {
        const patches = PATCHES.filter(
          ({ files, testsOnly }) => files.test(file.path) && (!testsOnly || isTestFile(file.path)),
        );
        if (patches.length === 0) return [];
        const whole = textOf(file.content) ?? '';
        const lines = addedLines(file);
        return lines.flatMap(({ line, text }, index): Finding[] => {
          // A function of one statement may stand on two lines.
          const next = lines[index + 1];
          const body = /[:{]\s*$/.test(text) && next?.line === line + 1 ? ` ${next.text.trim()}` : '';
          const code = `${text.slice(0, 1_000)}${body.slice(0, 1_000)}`;
          const found = patches.find((each) => each.line.test(code) && !each.unless?.test(whole));
          return found === undefined
            ? []
            : [
                {
                  check: 'policy.runner-patched',
                  code: 'RUNNER_PATCHED',
                  severity: 'error',
                  message: `The line ${found.does}. Let the tests run and report by themselves.`,
                  file: file.path,
                  line,
                },
              ];
        });
      }),
} satisfies Check;
