import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { describe, expect, test } from 'vitest';
import { type Contents, codesOf as codes, checkInput as input } from '../../test/check-input.ts';
import type { CheckInput } from '../check.ts';
import binary from './binary.ts';
import protectedPath from './protected-path.ts';
import secrets from './secrets.ts';
import size from './size.ts';
import testsRemoved from './tests-removed.ts';

describe('protected-path', () => {
  test.each([
    '.github/workflows/ci.yml',
    '.GITHUB/workflows/ci.yml',
    '.npmrc',
    'Dockerfile',
    'Dockerfile.dev',
    'gradlew',
    '.mvn/wrapper/maven-wrapper.properties',
    'orchestrator.yaml',
  ])('%s may not be changed', (path) => {
    expect(protectedPath.run(input({}, { [path]: 'x' }))).toMatchObject([
      { code: 'PROTECTED_PATH', file: path, severity: 'error' },
    ]);
  });
  test.each(['src/a.js', 'docs/Dockerfile.md', 'github/x', 'lib/gradlew.js'])('%s may', (path) => {
    expect(protectedPath.run(input({}, { [path]: 'x' }))).toEqual([]);
  });
  test('deleting counts as changing', () => {
    expect(codes(protectedPath.run(input({ '.npmrc': 'a' }, { '.npmrc': null })))).toEqual(['PROTECTED_PATH']);
  });
});

describe('size', () => {
  const limits = { ...OrchestratorConfig.parse({}).validate, maxFiles: 2, maxChangedLines: 20, maxFileBytes: 100 };
  test.each<[string, CheckInput, string[]]>([
    ['an ordinary change', input({ a: '1' }, { a: '2' }, { validate: limits }), []],
    ['no file', input({}, {}), ['NO_CHANGE']],
    ['files written as they were', input({ a: '1' }, { a: '1' }), ['NO_CHANGE']],
    ['too many files', input({}, { a: '1', b: '1', c: '1' }, { validate: limits }), ['TOO_MANY_FILES']],
    ['too many lines', input({}, { a: '1' }, { validate: limits, changedLines: 21 }), ['TOO_MANY_LINES']],
    ['a large file', input({}, { a: 'x'.repeat(101) }, { validate: limits }), ['FILE_TOO_LARGE']],
  ])('%s', (_what, change, expected) => {
    expect(codes(size.run(change))).toEqual(expected);
  });
});

describe('binary', () => {
  test.each<[string, Contents, Contents, string[]]>([
    ['text of any language', {}, { a: 'größer 😀 日本\n' }, []],
    ['bytes with NUL', {}, { a: Buffer.from([1, 0, 2]) }, ['BINARY_FILE']],
    ['bytes that are no UTF-8', {}, { a: Buffer.from([0xff, 0xfe, 0x41]) }, ['BINARY_FILE']],
    [
      'a file that was in another encoding before',
      { a: Buffer.from('caf\xe9', 'latin1') },
      { a: Buffer.from('th\xe9', 'latin1') },
      [],
    ],
  ])('%s', (_what, before, after, expected) => {
    const change = input(before, after);
    expect(codes(binary.run({ ...change, written: change.written }))).toEqual(expected);
  });
});

describe('secrets', () => {
  // Put together here, so that no scanner takes this file for a leak.
  const letters = (count: number) => 'aB3dE6gH9'.repeat(20).slice(0, count);
  test.each([
    ['OpenAI', `sk-proj-${letters(48)}`],
    ['Anthropic', `sk-ant-api03-${letters(60)}`],
    ['GitHub', `ghp_${letters(36)}`],
    ['npm', `npm_${letters(36)}`],
    ['AWS', `AKIA${'ABCDEFGH12345678'}`],
    ['Google', `AIza${letters(35)}`],
    ['Discord', `https://discord.com/api/webhooks/${'1'.repeat(18)}/${letters(68)}`],
    ['a bot', `M${letters(23)}.${letters(6)}.${letters(27)}`],
    ['a private key', `-----BEGIN ${'RSA'} PRIVATE KEY-----`],
    ['SendGrid, which secretlint alone knows', `SG.${letters(22)}.${letters(43)}`],
    ['a URL', `postgres://admin:${letters(14)}@db.internal/app`],
  ])('a key of %s is found where it is added, and not repeated', async (_vendor, key) => {
    const findings = await secrets.run(input({ 'a.js': 'one\n' }, { 'a.js': `one\nconst key = '${key}';\n` }));
    expect(findings).toMatchObject([{ code: 'SECRET', file: 'a.js', line: 2 }]);
    expect(JSON.stringify(findings)).not.toContain(key.slice(8));
  });
  test('a key far into a long line is found, in bounded time', async () => {
    const began = performance.now();
    const line = `${'a-'.repeat(250_000)} ghp_${letters(36)} ${'x'.repeat(250_000)}`;
    expect(codes(await secrets.run(input({}, { 'a.js': line })))).toEqual(['SECRET']);
    expect(performance.now() - began).toBeLessThan(30_000);
  });
  test("what was there before is not the change's doing", async () => {
    const line = `const key = 'ghp_${letters(36)}';\n`;
    expect(await secrets.run(input({ 'a.js': line }, { 'a.js': `// moved\n${line}` }))).toEqual([]);
  });
  test.each([
    'sk-learn is a library for Python users',
    'const token = process.env.GITHUB_TOKEN;',
    'postgres://user:password@localhost/test',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a file.
    'https://${user}:${pass}@host/',
    'a'.repeat(60),
    'git@github.com:a/b.git',
  ])('%s is no secret', async (text) => {
    expect(await secrets.run(input({}, { 'a.txt': `${text}\n` }))).toEqual([]);
  });
});

describe('tests-removed', () => {
  const JS = "test('adds', () => {});\ntest('subtracts', () => {});\n";
  test.each<[string, Contents, Contents, string[]]>([
    ['tests that are added', { 'test/a.test.js': JS }, { 'test/a.test.js': `${JS}test('more', () => {});\n` }, []],
    ['a body that is changed', { 'test/a.test.js': JS }, { 'test/a.test.js': JS.replace('{}', '{ check(); }') }, []],
    [
      'a test that moves to another file',
      { 'test/a.test.js': JS },
      { 'test/a.test.js': "test('adds', () => {});\n", 'test/b.test.js': "test('subtracts', () => {});\n" },
      [],
    ],
    ['a file that moves', { 'test/a.test.js': JS }, { 'test/a.test.js': null, 'test/b.test.js': JS }, []],
    ['source that is deleted', { 'src/a.js': "test('x', 1)" }, { 'src/a.js': null }, []],
    ['the word skip in source', {}, { 'src/a.js': 'list.skip(1)' }, []],
    [
      'a test that is removed',
      { 'test/a.test.js': JS },
      { 'test/a.test.js': "test('adds', () => {});\n" },
      ['TEST_REMOVED'],
    ],
    [
      'a file of tests that is deleted',
      { 'test/a.test.js': JS },
      { 'test/a.test.js': null },
      ['TEST_REMOVED', 'TEST_REMOVED'],
    ],
    [
      'a helper of tests that is deleted',
      { 'test/data.js': 'export {}' },
      { 'test/data.js': null },
      ['TEST_FILE_REMOVED'],
    ],
    [
      'a test that is switched off',
      { 'test/a.test.js': JS },
      { 'test/a.test.js': JS.replace("test('adds'", "test.skip('adds'") },
      ['TEST_SKIPPED'],
    ],
    [
      'a test that runs alone',
      { 'test/a.test.js': JS },
      { 'test/a.test.js': JS.replace("test('adds'", "test.only('adds'") },
      ['TEST_SKIPPED'],
    ],
    [
      'a Java test that is disabled',
      { 'src/test/java/ATest.java': '@Test\nvoid works() {}\n' },
      { 'src/test/java/ATest.java': '@Disabled\n@Test\nvoid works() {}\n' },
      ['TEST_SKIPPED'],
    ],
    [
      'a Java test that is removed',
      {
        'src/test/java/ATest.java':
          '@Test\n  public void works() {}\n@ParameterizedTest(name = "x")\n@ValueSource(ints = {1})\nvoid each(int i) {}',
      },
      { 'src/test/java/ATest.java': '' },
      ['TEST_REMOVED', 'TEST_REMOVED'],
    ],
    [
      'a Python test that is removed',
      { 'tests/test_a.py': 'def test_x():\n    pass\n\nclass T:\n    async def test_y(self):\n        pass\n' },
      { 'tests/test_a.py': 'def test_x():\n    pass\n' },
      ['TEST_REMOVED'],
    ],
    [
      'a Python test that is skipped',
      { 'tests/test_a.py': 'def test_x():\n    pass\n' },
      { 'tests/test_a.py': '@pytest.mark.skip\ndef test_x():\n    pass\n' },
      ['TEST_SKIPPED'],
    ],
    [
      'a Go test that is skipped',
      { 'a_test.go': 'func TestX(t *testing.T) {\n}\n' },
      { 'a_test.go': 'func TestX(t *testing.T) {\n\tt.Skip()\n}\n' },
      ['TEST_SKIPPED'],
    ],
    [
      'a Go test that is removed',
      { 'a_test.go': 'func TestX(t *testing.T) {}\nfunc TestY(t *testing.T) {}\n' },
      { 'a_test.go': 'func TestX(t *testing.T) {}\n' },
      ['TEST_REMOVED'],
    ],
    [
      'a Rust test that is ignored',
      { 'tests/a.rs': '#[test]\nfn x() {}\n' },
      { 'tests/a.rs': '#[test]\n#[ignore]\nfn x() {}\n' },
      ['TEST_SKIPPED'],
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(codes(testsRemoved.run(input(before, after)))).toEqual(expected);
  });

  test('a hostile file is read in bounded time', () => {
    const began = performance.now();
    for (const text of [
      "test('".repeat(20_000),
      '@Test '.repeat(20_000),
      '@Test public '.repeat(10_000),
      '#[test] '.repeat(20_000),
      ' '.repeat(200_000),
    ])
      for (const path of ['a.test.js', 'src/test/ATest.java', 'tests/test_a.py', 'tests/a.rs'])
        testsRemoved.run(input({ [path]: text }, { [path]: text }));
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
