/** Where a failure message points to: the innermost place in a file of the repository. */
export function locate(message: string, testFile?: string): { file?: string; line?: number } | null {
  for (const { pattern, innermost } of PLACES) {
    const matches = [...message.matchAll(pattern)];
    for (const match of innermost === 'last' ? matches.reverse() : matches) {
      const [, file, line] = match as unknown as [string, string, string];
      if (/^(node:|\/)|node_modules\/|site-packages\/|dist-packages\//.test(file)) continue;
      // A stack names classes, not folders: with the test's own file known, the line is what is new.
      if (testFile !== undefined && !file.includes('/') && testFile.endsWith(`/${file}`))
        return { file: testFile, line: Number(line) };
      return { file, line: Number(line) };
    }
  }
  return null;
}

const PLACES = [
  // JavaScript: at name (src/a.ts:3:5), after the workspace was cut off.
  { pattern: /\(?((?:[\w@.-]+\/)*[\w@.-]+\.[cm]?[jt]sx?):(\d+):\d+\)?/g, innermost: 'first' },
  // Python: the frames of a traceback, else tests/test_a.py:3: AssertionError
  { pattern: /File "((?:[\w.-]+\/)*[\w.-]+\.py)", line (\d+)/g, innermost: 'last' },
  { pattern: /^((?:[\w.-]+\/)*[\w.-]+\.py):(\d+):/gm, innermost: 'first' },
  // Rust: thread 'x' panicked at src/lib.rs:3:5, and Go: a_test.go:3: message
  { pattern: /panicked at ((?:[\w.-]+\/)*[\w.-]+\.rs):(\d+):\d+/g, innermost: 'first' },
  { pattern: /^\s*((?:[\w.-]+\/)*[\w.-]+\.go):(\d+):/gm, innermost: 'first' },
  // Java: at pkg.Name.method(Name.java:3), but not of the test framework or the JDK.
  {
    pattern:
      /at (?!java\.|jdk\.|sun\.|org\.junit\.|org\.opentest4j\.|org\.assertj\.|org\.hamcrest\.|org\.mockito\.|junit\.)[\w.$<>/]+\((\w+\.(?:java|kt|groovy|scala)):(\d+)\)/g,
    innermost: 'first',
  },
] as const;
