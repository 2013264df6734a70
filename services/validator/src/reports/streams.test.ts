import { expect, test } from 'vitest';
import type { StreamFormat } from '../recipe.ts';
import { startParser } from './stream-parser.ts';
import { numberRepeats, testId } from './test-id.ts';

function parse(format: StreamFormat, stdout: string, stderr = '', chunk = 7) {
  const parser = startParser(format);
  for (const [text, stream] of [
    [stderr, 'stderr'],
    [stdout, 'stdout'],
  ] as const) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunk) parser.write(bytes.subarray(at, at + chunk), stream);
  }
  return { results: parser.results(), text: parser.visibleText() };
}

test('go test -json gives tests with message and place, and what a person would have seen', () => {
  const events = [
    { Action: 'run', Package: 'm/a', Test: 'TestX' },
    { Action: 'output', Package: 'm/a', Test: 'TestX', Output: '=== RUN   TestX\n' },
    { Action: 'output', Package: 'm/a', Test: 'TestX', Output: '    a_test.go:7: größer\n' },
    { Action: 'fail', Package: 'm/a', Test: 'TestX', Elapsed: 0.25 },
    { Action: 'pass', Package: 'm/a', Test: 'TestX/sub_one', Elapsed: 0 },
    { Action: 'skip', Package: 'm/a', Test: 'TestZ' },
    { Action: 'output', Package: 'm/a', Output: 'FAIL\n' },
    { Action: 'fail', Package: 'm/a' },
  ];
  const { results, text } = parse('go-json', `${events.map((event) => JSON.stringify(event)).join('\n')}\nnot json\n`);
  expect(results).toEqual([
    {
      id: 'm/a > TestX',
      status: 'failed',
      durationMs: 250,
      message: 'a_test.go:7: größer',
      file: 'a_test.go',
      line: 7,
    },
    { id: 'm/a > TestX/sub_one', status: 'passed', durationMs: 0 },
    { id: 'm/a > TestZ', status: 'skipped' },
  ]);
  expect(text).toBe('=== RUN   TestX\n    a_test.go:7: größer\nFAIL\nnot json\n');
});

test('libtest: each block belongs to the program that cargo named in the same order', () => {
  const stderr =
    '   Compiling sums v0.1.0\n     Running unittests src/lib.rs (target/debug/deps/sums-1)\n     Running tests/more.rs (target/debug/deps/more-2)\n   Doc-tests sums\n';
  const stdout = `
running 2 tests
test tests::adds ... FAILED
test tests::slow ... ignored

failures:

---- tests::adds stdout ----

thread 'tests::adds' panicked at src/lib.rs:11:9:
assertion failed

failures:
    tests::adds

test result: FAILED. 0 passed; 1 failed; 1 ignored

running 1 test
test adds ... ok

test result: ok. 1 passed

running 1 test
test src/lib.rs - sum (line 3) ... ok
`;
  expect(parse('libtest', stdout, stderr).results).toEqual([
    {
      id: 'src/lib.rs > tests::adds',
      status: 'failed',
      message: "thread 'tests::adds' panicked at src/lib.rs:11:9:\nassertion failed",
      file: 'src/lib.rs',
      line: 11,
    },
    { id: 'src/lib.rs > tests::slow', status: 'skipped' },
    { id: 'tests/more.rs > adds', status: 'passed' },
    { id: 'doc sums > src/lib.rs - sum (line 3)', status: 'passed' },
  ]);
});

test('TAP with subtests counts the innermost, and skips by directive', () => {
  const tap =
    'TAP version 14\n# Subtest: outer\n    ok 1 - one\n    not ok 2 - two\n    1..2\nnot ok 1 - outer\nok 2 - later # SKIP not now\nok 3 - plain\n1..3\n';
  expect(parse('tap', tap).results).toEqual([
    { id: 'outer > one', status: 'passed' },
    { id: 'outer > two', status: 'failed' },
    { id: 'later', status: 'skipped' },
    { id: 'plain', status: 'passed' },
  ]);
});

test.each(['tap', 'go-json', 'libtest'] as const)('%s: output of another kind is no report', (format) => {
  expect(parse(format, 'ok 1 - without a plan\nBUILD SUCCESS\n').results).toBeNull();
});

test('a line without end does not grow without bound', () => {
  const parser = startParser('tap');
  for (let index = 0; index < 200; index++) parser.write(Buffer.alloc(64 * 1024, 'x'), 'stdout');
  expect(parser.results()).toBeNull();
});

test('ids do not change with what changes from run to run', () => {
  expect(
    testId(['a  b', 'at 0x7ffe12345678 in /tmp/x-123/y, 3f2b8c1e-0000-4000-8000-000000000000 1763812345678']),
  ).toBe('a b > at <address> in <tmp> <uuid> <time>');
  expect(numberRepeats([{ id: 'a' }, { id: 'a' }, { id: 'b' }])).toEqual([{ id: 'a' }, { id: 'a #2' }, { id: 'b' }]);
});
