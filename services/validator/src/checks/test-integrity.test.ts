import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { describe, expect, test } from 'vitest';
import type { CheckInput } from '../check.ts';
import runnerPatched from './runner-patched.ts';
import testAware from './test-aware.ts';
import testConfiguration from './test-configuration.ts';
import testsWeakened from './tests-weakened.ts';

/** What these checks look at of a change: one file, before and after; null where it does not exist. */
function change(path: string, before: string | null, after: string | null, planned: string[] = []): CheckInput {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  const specification = {
    filesToChange: planned.map((each) => ({ path: each, action: 'update', why: '' })),
  } as unknown as Specification;
  return {
    written: after === null ? [] : [{ path, content: Buffer.from(after), before: bytes(before) }],
    deleted: after === null ? [{ path, before: bytes(before) }] : [],
    specification,
  } as unknown as CheckInput;
}
const codes = (findings: readonly { code: string }[]) => findings.map((finding) => finding.code);

describe('test-configuration', () => {
  const pkg = (part: object) =>
    JSON.stringify({ scripts: { test: 'npm run unit', unit: 'mocha', lint: 'eslint' }, ...part });
  test.each<[string, string, string | null, string | null]>([
    ['the test script', 'package.json', pkg({}), pkg({ scripts: { test: 'true' } })],
    [
      'a script that it starts',
      'package.json',
      pkg({}),
      pkg({ scripts: { test: 'npm run unit', unit: 'mocha || true' } }),
    ],
    [
      'a script that runs before it',
      'package.json',
      pkg({}),
      pkg({ scripts: { test: 'npm run unit', unit: 'mocha', pretest: 'rm -r test' } }),
    ],
    ['settings of the runner', 'package.json', pkg({}), pkg({ jest: { testPathIgnorePatterns: ['a'] } })],
    ['a package.json that is none any more', 'package.json', pkg({}), '{'],
    ['a new configuration of the runner', 'packages/a/vitest.config.ts', null, 'export default {}'],
    ['one that goes', 'pytest.ini', '[pytest]\n', null],
    [
      'a part of pyproject.toml',
      'pyproject.toml',
      '[tool.pytest.ini_options]\na = 1\n',
      '[tool.pytest.ini_options]\na = 2\n',
    ],
    ['a part of setup.cfg', 'setup.cfg', '[metadata]\n', '[metadata]\n[tool:pytest]\naddopts = -k x\n'],
    ['a property of Maven', 'pom.xml', '<a/>', '<a/>\n<skipTests>true</skipTests>'],
    ['an exclusion that was there', 'pom.xml', '<a/>\n<includes>', '<a/>'],
    ['a failure that Gradle ignores', 'build.gradle.kts', '', 'tasks.test { ignoreFailures = true }'],
    ['tests that Cargo leaves out', 'Cargo.toml', '[lib]\n', '[lib]\ntest = false\n'],
    ['the recipe of the target for tests', 'Makefile', 'test:\n\tpytest\n', 'test:\n\tpytest || true\n'],
    ['a runner for programs', '.cargo/config.toml', null, '[target.x]\nrunner = "true"\n'],
  ])('%s may not be changed', (_what, path, before, after) => {
    expect(testConfiguration.run(change(path, before, after))).toMatchObject([
      { code: 'TEST_CONFIGURATION', severity: 'error', file: path },
    ]);
    expect(testConfiguration.run(change(path, before, after, [path]))).toMatchObject([{ severity: 'warning' }]);
  });

  test.each<[string, string, string | null, string | null]>([
    [
      'another script',
      'package.json',
      pkg({}),
      pkg({ scripts: { test: 'npm run unit', unit: 'mocha', lint: 'biome', start: 'node .' } }),
    ],
    ['a dependency', 'package.json', pkg({}), pkg({ dependencies: { a: '1' } })],
    ['a dependency of Maven', 'pom.xml', '<dependencies>\n', '<dependencies>\n<dependency>x</dependency>\n'],
    ['another tool', 'pyproject.toml', '[tool.pytest]\na = 1\n', '[tool.ruff]\nb = 1\n[tool.pytest]\na = 1\n'],
    ['another target', 'Makefile', 'test:\n\tpytest\n', 'test:\n\tpytest\n\nrun:\n\tpython x\n'],
    ['an exclusion of a dependency', 'build.gradle', '', "implementation('a') { exclude group: 'b' }"],
    ['a source file', 'src/vitest.config.js/a.js', 'a', 'b'],
  ])('%s may', (_what, path, before, after) => {
    expect(testConfiguration.run(change(path, before, after))).toEqual([]);
  });
});

describe('runner-patched', () => {
  test.each<[string, string]>([
    ['tests/conftest.py', 'def pytest_collection_modifyitems(items):'],
    ['plugin.py', 'def pytest_runtest_makereport(item, call):'],
    ['tests/test_a.py', 'os._exit(0)'],
    ['tests/test_a.py', 'sys.modules["shop"] = Fake()'],
    ['tests/test_a.py', 'unittest.TestCase.assertEqual = lambda *a: None'],
    ['tests/test_a.py', '@pytest.mark.flaky(reruns=5)'],
    ['sitecustomize.py', 'import x'],
    ['src/a.py', 'def __eq__(self, other):\n    return True'],
    ['test/a.test.js', 'process.exit(0)'],
    ['test/a.test.js', 'assert.equal = () => {};'],
    ['test/a.test.js', 'jest.retryTimes(3)'],
    ['test/a.test.ts', "test('a', { retry: 3 }, f)"],
    ['a_test.go', '\tos.Exit(0)'],
    ['price.go', 'package price\nfunc init() { os.Exit(0) }'],
    ['src/test/java/ATest.java', 'System.exit(0);'],
    ['src/test/java/Quiet.java', 'class Quiet implements TestExecutionExceptionHandler {'],
    ['src/main/java/A.java', 'public boolean equals(Object o) { return true; }'],
    ['tests/a.rs', 'std::panic::set_hook(Box::new(|_| {}));'],
    ['build.js', "writeFileSync('target/surefire-reports/TEST-a.xml', x)"],
    ['src/a.js', 'const dir = process.env.REPORT_DIR;'],
    ['src/a.go', 'fmt.Println("--- PASS: TestA (0.00s)")'],
  ])('%s: %s', (path, text) => {
    expect(codes(runnerPatched.run(change(path, null, text)))).toEqual(['RUNNER_PATCHED']);
    // What was there before is not the change's doing.
    expect(runnerPatched.run(change(path, text, `${text}\n`))).toEqual([]);
  });

  test.each<[string, string]>([
    ['tests/conftest.py', '@pytest.fixture\ndef basket():'],
    ['src/cli.py', 'sys.exit(0)'],
    ['src/cli.js', 'process.exit(0)'],
    ['src/http.ts', 'fetch(url, { retry: 3 })'],
    ['test/a.test.js', 'assert.equal(a, b); const same = assert.equal === x;'],
    ['a_test.go', 'os.Exit(m.Run())'],
    ['main.go', 'package main\nfunc main() { os.Exit(0) }'],
    ['src/a.py', 'def __eq__(self, other):\n    return self.x == other.x'],
    ['docs/reports.md', 'target/surefire-reports holds BUILD SUCCESS'],
  ])('%s may hold %s', (path, text) => {
    expect(runnerPatched.run(change(path, null, text))).toEqual([]);
  });
});

describe('test-aware', () => {
  test.each<[string, string]>([
    ['src/a.js', 'if (process.env.NODE_TEST_CONTEXT) return 3;'],
    ['src/a.ts', "const testing = typeof describe === 'function';"],
    ['src/a.js', "if (process.env.NODE_ENV === 'test') return [];"],
    ['src/a.js', 'if (process.env.CI) {\n  return 3;'],
    ['a.py', 'if "pytest" in sys.modules:'],
    ['a.py', "if os.environ.get('PYTEST_CURRENT_TEST'):"],
    ['a.go', 'if testing.Testing() {'],
    ['a.go', 'if flag.Lookup("test.v") != nil {'],
    ['src/main/java/A.java', 'Class.forName("org.junit.jupiter.api.Test");'],
    ['src/a.rs', 'if cfg!(test) { return 3; }'],
  ])('%s: %s', (path, text) => {
    expect(codes(testAware.run(change(path, null, text)))).toContain('TEST_AWARE');
  });
  test.each<[string, string]>([
    ['src/a.js', 'const color = process.env.CI ? noColor() : process.stdout.isTTY;'],
    ['src/a.js', 'const CI = readPipelines();'],
    ['a.py', 'env = os.environ.get("SHOP_ENV")'],
    ['test/a.test.js', "assert.equal(process.env.NODE_ENV, 'test')"],
    ['src/a.rs', '#[cfg(test)]\nmod tests {'],
  ])('%s may hold %s', (path, text) => {
    expect(testAware.run(change(path, null, text))).toEqual([]);
  });
});

describe('tests-weakened', () => {
  const text = (body: string, name = 'a') => `test('${name}', () => {\n  ${body}\n});\n`;
  const EXACT = text('assert.equal(f(), 3);');
  test('a test that asserts less, and a new one that asserts nothing, with their lines', () => {
    const after = `${text('assert.equal(1, 1);', 'new')}${text('assert.ok(f());')}`;
    expect(testsWeakened.run(change('test/a.test.js', EXACT, after))).toMatchObject([
      { code: 'TEST_HOLLOW', line: 1 },
      { code: 'TEST_WEAKENED', line: 4 },
    ]);
  });
  test.each<[string, string]>([
    ['the same', EXACT],
    ['more', text('assert.equal(f(), 3); assert.equal(g(), 4);')],
    ['a test more', EXACT + text('assert.equal(g(), 4);', 'b')],
    ['a test that shows that nothing is thrown', EXACT + text('f();', 'b')],
    ['no test any more, which another check says', ''],
  ])('%s is no finding', (_what, after) => {
    expect(testsWeakened.run(change('test/a.test.js', EXACT, after))).toEqual([]);
  });
});
