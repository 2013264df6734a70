import { expect, test } from 'vitest';
import { printedTests } from './printed-tests.ts';

test.each<[string, string, number | null]>([
  ['pytest', '============ 3 passed, 1 skipped, 2 warnings in 0.12s ============\n', 4],
  ['pytest -q', '1 failed, 3 passed, 2 deselected in 1.20s\n', 4],
  ['unittest', '......\n----\nRan 6 tests in 0.001s\n\nOK\n', 6],
  ['node', 'ℹ tests 5\nℹ suites 0\nℹ pass 5\n', 5],
  ['node, twice', 'ℹ tests 5\n# tests 2\n', 7],
  ['vitest', ' Test Files  1 passed (1)\n      Tests  3 passed | 1 skipped (4)\n', 4],
  ['jest', 'Test Suites: 1 passed, 1 total\nTests:       1 skipped, 2 passed, 3 total\n', 3],
  [
    'Surefire, of two modules',
    '[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0\n[WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1\n',
    5,
  ],
  ['nothing', 'BUILD SUCCESS\n', null],
  ['an output with a hole', 'Ran 6 tests in 0.1s\n\n[… 123 bytes left out …]\nRan 2 tests in 0.1s\n', null],
])('what %s prints', (_what, output, expected) => {
  expect(printedTests([output])).toBe(expected);
});

test('hostile output is read in bounded time', () => {
  const began = performance.now();
  printedTests([`${'1 passed, '.repeat(29)}\n`.repeat(5_000), ` Tests ${'|'.repeat(280)}\n`.repeat(5_000)]);
  expect(performance.now() - began).toBeLessThan(10_000);
});
