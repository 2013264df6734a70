/** How runners sum up for people what they also write into a report. Every repetition is bounded. */
const SUMMARIES: readonly { readonly line: RegExp; readonly count: (match: RegExpExecArray) => number }[] = [
  // pytest: === 3 passed, 1 skipped in 0.12s ===
  {
    line: /^(?:=+ )?((?:\d+ (?:passed|failed|skipped|xfailed|xpassed|errors?|warnings?|deselected|rerun)(?:, )?){1,9}) in [\d.]+s/,
    count: ([, list = '']) => sum(/(\d+) (?!warning|deselected|rerun)/g, list),
  },
  // unittest: Ran 3 tests in 0.001s
  { line: /^Ran (\d+) tests? in [\d.]+s$/, count: ([, count]) => Number(count) },
  // node --test: ℹ tests 3
  { line: /^(?:ℹ|#) tests (\d+)$/, count: ([, count]) => Number(count) },
  // vitest: Tests  3 passed | 1 skipped (4)
  { line: /^\s*Tests {1,5}[\w |]{1,80}\((\d+)\)$/, count: ([, count]) => Number(count) },
  // jest: Tests:       1 skipped, 2 passed, 3 total
  { line: /^Tests: {1,10}[\w ,]{1,80}?(\d+) total$/, count: ([, count]) => Number(count) },
  // Surefire, once a module: Tests run: 3, Failures: 0, Errors: 0, Skipped: 1
  {
    line: /^(?:\[\w+\] )?Tests run: (\d+), Failures: \d+, Errors: \d+, Skipped: \d+$/,
    count: ([, count]) => Number(count),
  },
];

const sum = (numbers: RegExp, text: string): number =>
  [...text.matchAll(numbers)].reduce((total, match) => total + Number(match[1]), 0);

/** What a cut output says instead of its middle. */
const CUT = /^\[… \d+ bytes left out …\]$/m;

/**
 * How many tests a runner says it has seen, skipped ones included. It stands against the report, which whatever runs in
 * the box can write. null: nothing of the kind is printed, or a part of the output was left out.
 */
export function printedTests(outputs: readonly string[]): number | null {
  let total: number | null = null;
  for (const output of outputs) {
    if (CUT.test(output)) return null;
    for (const line of output.split('\n')) {
      if (line.length > 300) continue;
      for (const summary of SUMMARIES) {
        const match = summary.line.exec(line.trimEnd());
        if (match === null) continue;
        total = (total ?? 0) + summary.count(match);
        break;
      }
    }
  }
  return total;
}
