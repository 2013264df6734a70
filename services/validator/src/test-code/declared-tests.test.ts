import { describe, expect, test } from 'vitest';
import { readTestSource } from './declared-tests.ts';

const testsOf = (path: string, text: string) =>
  readTestSource(path, text)?.tests.map(({ name, line }) => `${name} ${line}`);

test.each<[string, string, string[]]>([
  [
    'a.test.js',
    "test('a', () => {});\ndescribe('b', () => {\n  it('c', async function () {});\n  test.each([1])('d %d', () => {});\n});\nre.test('x');\n",
    ['a 1', 'c 3', 'd %d 4'],
  ],
  ['a.test.ts', "test('a', () => {});\ntest('a', { timeout: 1 }, () => {});\n", ['a 1', 'a #2 2']],
  ['a.test.tsx', 'it(`renders`, () => { expect(<a />).toBe(1) });\n', ['renders 1']],
  [
    'test_a.py',
    'def test_a():\n  pass\n\nclass TestB:\n  @mark\n  async def test_c(self):\n    pass\n  def helper(self): pass\n',
    ['test_a 1', 'TestB.test_c 5'],
  ],
  [
    'a_test.go',
    'package a\nfunc TestA(t *testing.T) {}\nfunc (s *S) TestB() {}\nfunc TestMain(m *testing.M) {}\nfunc Testify() {}\n',
    ['TestA 2', 'TestB 3'],
  ],
  [
    'ATest.java',
    'class A {\n  @Test void a() {}\n  @ParameterizedTest @ValueSource(ints = 1) void b(int i) {}\n  void c() {}\n  public void testOld() {}\n}',
    ['A.a 2', 'A.b 3', 'A.testOld 5'],
  ],
  ['ATest.kt', 'class A {\n  @Test fun `a b`() { x() }\n  fun c() {}\n}', ['A.a b 2']],
  [
    'lib.rs',
    '#[cfg(test)]\nmod tests {\n  #[test]\n  #[should_panic]\n  fn a() { b() }\n  #[tokio::test]\n  async fn c() {}\n  fn d() {}\n}',
    ['tests.a 3', 'tests.c 6'],
  ],
])('tests of %s are found', (path, text, expected) => {
  expect(testsOf(path, text)).toEqual(expected);
});

test('what is no source has no tests, and broken source no harm', () => {
  expect(readTestSource('test/data.json', '{}')).toBeNull();
  expect(testsOf('a.test.js', "test('a', () => {\n  if (")).toBeDefined();
  expect(testsOf('test_a.py', 'def test_a(:\n  assert (\n')).toBeDefined();
});

test('deep nesting and many assertions are read in bounded time', () => {
  const began = performance.now();
  readTestSource('a.test.js', `${'f('.repeat(5_000)}test('a', () => {})${')'.repeat(5_000)}`);
  readTestSource('a.test.js', `test('a', () => { ${'assert.equal(f(), 1);\n'.repeat(5_000)} });`);
  expect(performance.now() - began).toBeLessThan(20_000);
});

const js = (body: string) => readTestSource('a.test.js', `test('a', () => {\n${body}\n});`)?.tests[0];
const py = (body: string) => readTestSource('test_a.py', `def test_a():\n${body.replace(/^/gm, '    ')}\n`)?.tests[0];
const go = (body: string) =>
  readTestSource('a_test.go', `package a\nfunc TestA(t *testing.T) {\n${body}\n}\n`)?.tests[0];
const java = (body: string) => readTestSource('ATest.java', `class A { @Test void a() {\n${body}\n} }`)?.tests[0];
const rust = (body: string) => readTestSource('a.rs', `#[test]\nfn a() {\n${body}\n}`)?.tests[0];

describe('the first asserts less than the second', () => {
  test.each<[string, typeof js, string, string]>([
    ['truth instead of equality', js, 'assert.ok(f());', 'assert.equal(f(), 3);'],
    ['a matcher that accepts much', js, 'expect(f()).toBeDefined();', 'expect(f()).toBe(3);'],
    ['a wildcard', js, 'expect(f()).toEqual(expect.anything());', 'expect(f()).toEqual(3);'],
    ['any error', js, 'expect(f).toThrow();', "expect(f).toThrow('no');"],
    ['one of two assertions', js, 'assert.equal(f(), 3);', 'assert.equal(f(), 3); assert.equal(g(), 4);'],
    ['an assertion under a condition', js, 'if (x) assert.equal(f(), 3);', 'assert.equal(f(), 3);'],
    ['an assertion behind a return', js, 'return; assert.equal(f(), 3);', 'assert.equal(f(), 3);'],
    ['a failure that is dropped', js, 'try { assert.equal(f(), 3); } catch {}', 'assert.equal(f(), 3);'],
    ['a value compared with itself', js, 'assert.equal(x, x);', 'assert.equal(f(), 3);'],
    ['a part of a structure', js, 'assert.deepEqual(f(), { a: 1 });', 'assert.deepEqual(f(), { a: 1, b: 2 });'],
    ['the negation', js, 'expect(f()).not.toBe(4);', 'expect(f()).toBe(3);'],
    [
      'any exception in Python',
      py,
      'with pytest.raises(Exception):\n    f()',
      'with pytest.raises(ValueError):\n    f()',
    ],
    ['a truth in Python', py, 'assert f()', 'assert f() == 3'],
    ['an alternative that is true', py, 'assert f() == 3 or True', 'assert f() == 3'],
    ['a tuple, which is true', py, 'assert (f() == 3, "no")', 'assert f() == 3, "no"'],
    ['suppressed errors', py, 'with suppress(AssertionError):\n    assert f() == 3', 'assert f() == 3'],
    ['assertTrue', py, 'self.assertTrue(f())', 'self.assertEqual(f(), 3)'],
    [
      'a condition that is never true in Go',
      go,
      'if false && f() != 3 { t.Error("x") }',
      'if f() != 3 { t.Error("x") }',
    ],
    ['testify without a value', go, 'assert.NotNil(t, f())', 'assert.Equal(t, 3, f())'],
    ['no failure in Go', go, 'if f() != 3 { t.Log("x") }', 'if f() != 3 { t.Error("x") }'],
    [
      'any exception in Java',
      java,
      'assertThrows(Exception.class, () -> f());',
      'assertThrows(NoSuchElementException.class, () -> f());',
    ],
    ['assertNotNull', java, 'assertNotNull(f());', 'assertEquals(3, f());'],
    ['a chain without an end', java, 'assertThat(f());', 'assertThat(f()).isEqualTo(3);'],
    ['a truth in Rust', rust, 'assert!(f() > 0);', 'assert_eq!(f(), 3);'],
    ['true itself', rust, 'assert!(true);', 'assert!(f() == 3);'],
  ])('%s', (_what, language, weak, strong) => {
    expect(language(weak)?.strength).toBeLessThan(language(strong)?.strength as number);
  });
});

describe('the two assert the same', () => {
  test.each<[string, typeof js, string, string]>([
    ['another value', js, 'assert.equal(f(), 3);', 'assert.equal(f(), 4);'],
    ['another matcher that is exact', js, 'expect(f()).toBe(3);', 'assert.strictEqual(f(), 3);'],
    ['a loop around', js, 'assert.equal(f(), 3);', 'for (const x of y) assert.equal(f(x), 3);'],
    ['a catch that fails', js, 'assert.equal(f(), 3);', 'try { assert.equal(f(), 3); } catch (e) { throw e; }'],
    ['an assertion in a catch', js, 'assert.equal(f(), 3);', 'try { g(); } catch (e) { assert.equal(e.x, 3); }'],
    ['a message', py, 'assert f() == 3', 'assert f() == 3, "no"'],
    ['truth of an equality', py, 'self.assertEqual(f(), 3)', 'self.assertTrue(f() == 3)'],
    [
      'subtests',
      go,
      'if f() != 3 { t.Error("x") }',
      't.Run("a", func(t *testing.T) { if f() != 3 { t.Fatalf("x") } })',
    ],
    ['a qualified name', java, 'assertEquals(3, f());', 'Assertions.assertEquals(3, f());'],
  ])('%s', (_what, language, one, other) => {
    expect(language(one)?.strength).toBe(language(other)?.strength);
  });
});

test.each<[string, typeof js, string, boolean]>([
  ['no body', js, '', true],
  ['true is true', js, 'assert.ok(true);', true],
  ['an assertion behind a return', js, 'return; assert.ok(f());', true],
  ['a call that may throw', js, 'f();', false],
  ['pass', py, 'pass', true],
  ['assert True', py, 'assert True', true],
])('a test with %s cannot fail: %s', (_what, language, body, hollow) => {
  expect(language(body)?.hollow).toBe(hollow);
});
