import { expect, test } from 'vitest';
import { locatedErrors } from './located-errors.ts';
import { plainText } from './plain-text.ts';

test.each([
  [
    'tsc',
    'src/a.ts(3,5): error TS2322: Type "x" is not assignable.',
    { code: 'TS2322', file: 'src/a.ts', line: 3, message: 'Type "x" is not assignable.' },
  ],
  ['tsc, pretty', 'src/a.ts:3:5 - error TS2322: No.', { code: 'TS2322', file: 'src/a.ts', line: 3, message: 'No.' }],
  [
    'Maven',
    '[ERROR] src/main/java/A.java:[7,20] cannot find symbol\n[ERROR]   symbol:   variable c\n[ERROR]   location: class A',
    {
      code: 'JAVAC',
      file: 'src/main/java/A.java',
      line: 7,
      message: 'cannot find symbol\nsymbol:   variable c\nlocation: class A',
    },
  ],
  [
    'javac',
    "src/A.java:3: error: ';' expected\n  int a\n",
    { code: 'JAVAC', file: 'src/A.java', line: 3, message: "';' expected" },
  ],
  [
    'kotlinc',
    'e: file://src/A.kt:3:5 Unresolved reference: x',
    { code: 'KOTLINC', file: 'src/A.kt', line: 3, message: 'Unresolved reference: x' },
  ],
  [
    'go',
    '# example.com/m/sum\nsum/sum.go:4:13: undefined: c',
    { code: 'GO', file: 'sum/sum.go', line: 4, message: 'undefined: c' },
  ],
  ['go vet', 'vet: ./a.go:3:2: missing return', { code: 'GO', file: 'a.go', line: 3, message: 'missing return' }],
  [
    'rustc',
    'error[E0425]: cannot find value `c`\n --> src/lib.rs:2:9\n  |\nerror: could not compile `sums`',
    { code: 'E0425', file: 'src/lib.rs', line: 2, message: 'cannot find value `c`' },
  ],
  ['gcc', 'a.c:3:5: error: unknown type name', { code: 'CC', file: 'a.c', line: 3, message: 'unknown type name' }],
  [
    'node',
    "src/a.js:2\nconst a = ;\n          ^\n\nSyntaxError: Unexpected token ';'\n",
    { code: 'NODE', file: 'src/a.js', line: 2, message: "SyntaxError: Unexpected token ';'" },
  ],
  [
    'python',
    'Traceback (most recent call last):\n  File "/usr/lib/python3/x.py", line 9, in f\n  File "app/b.py", line 4, in g\n    boom()\nKeyError: \'x\'',
    { code: 'PYTHON', file: 'app/b.py', line: 4, message: "KeyError: 'x'" },
  ],
  [
    'python syntax',
    '  File "app/b.py", line 4\n    def f(\n         ^\nSyntaxError: invalid syntax',
    { code: 'PYTHON', file: 'app/b.py', line: 4, message: 'SyntaxError: invalid syntax' },
  ],
])('errors of %s are located', (_tool, output, expected) => {
  expect(locatedErrors(output)).toEqual([expected]);
});

test('each error is named once, whatever the number of times it is printed', () => {
  expect(locatedErrors('a.c:3:5: error: no\n'.repeat(100))).toHaveLength(1);
});

test('a file outside the repository is not named', () => {
  expect(locatedErrors('/usr/include/x.h:3:5: error: no')).toEqual([]);
});

test('ordinary output holds no error', () => {
  expect(
    locatedErrors('error handling works: 3 tests\n12:30:45 error budget ok\nhttp://localhost:3000:5 - fine\n'),
  ).toEqual([]);
});

test('output becomes plain: no escape codes, no overwritten progress, no absolute workspace, no secrets', () => {
  const text = plainText(
    '\u001b[1;31merror\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 10%\r100%\r\nat file:///box/work/src/a.js \u202Ehidden\u0000 sk-proj-abcdefghijklmnopqrstuvwx',
    { work: '/box/work' },
  );
  expect(text).toBe('100%\nat src/a.js hidden sk-***');
});

test('hostile output is read in bounded time', () => {
  const began = performance.now();
  for (const line of [
    'a/'.repeat(900),
    ' '.repeat(1_900),
    '[ERROR] '.repeat(200),
    'error: '.repeat(250),
    `${'a.'.repeat(900)}:1:`,
  ])
    locatedErrors(`${line}\n`.repeat(50));
  plainText('\u001b['.repeat(50_000) + '\r'.repeat(50_000));
  expect(performance.now() - began).toBeLessThan(5_000);
});
