import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { addedLines, type Check, textOf, type WrittenFile } from '../check.ts';
import { testScripts } from '../test-code/test-scripts.ts';

/** Files that hold nothing but how tests are run. */
const WHOLE_FILES =
  /(?:^|\/)(?:(?:vitest|jest|ava|karma|playwright)\.(?:config|workspace|conf|setup)(?:\.\w+){1,2}|\.mocharc(?:\.\w+)?|\.taprc|pytest\.ini|tox\.ini|noxfile\.py|\.config\/nextest\.toml|\.cargo\/config(?:\.toml)?|junit-platform\.properties|testng\.xml|[\w.]+\.runsettings|META-INF\/services\/org\.junit[\w.]+)$/;

/** Lines of build files that decide which tests run and whether a failed one counts. */
const LINES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /(?:^|\/)pom\.xml$/,
    /surefire|failsafe|skipTests|skipITs|maven\.test\.|testFailureIgnore|failIfNo|rerunFailing|<(?:ex|in)cludes?>|<(?:excludedG|g)roups>|<skip>/,
  ],
  [
    /\.gradle(?:\.kts)?$/,
    /\b(?:ignoreFailures|failOnNoDiscoveredTests|(?:ex|in)cludeTags|(?:ex|in)cludeTestsMatching|maxRetries|onlyIf)\b|\bexcludes?\b.{0,20}\*\*|\benabled\s*=\s*false/,
  ],
  [/(?:^|\/)Cargo\.toml$/, /^\s*(?:test|harness|doctest|autotests)\s*=/],
  [
    /(?:^|\/)vite\.config\.\w+$/,
    /\b(?:exclude|include|passWithNoTests|retry|bail|testNamePattern|setupFiles|globalSetup|reporters|dangerouslyIgnoreUnhandledErrors)\b/,
  ],
  [/\.(?:cs|fs|vb)proj$/, /IsTestProject|VSTest/],
];

/** Parts of files, compared as a whole. */
const PARTS: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/(?:^|\/)package\.json$/, testScripts],
  [
    /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    (text) => blocks(text, /^\[(?:tool[.:])?(?:pytest|unittest|nose|tox)\b/, /^\[/),
  ],
  [/(?:^|\/)(?:GNUm|m|M)akefile$/, (text) => blocks(text, /^(?:\.PHONY.*\b)?(?:test|tests|check)\b.*:(?!=)/, /^\S/)],
];

/**
 * A change does not decide how it is tested: which tests run, what counts as a failure, how often one is tried. Only where
 * the specification names the file is it a warning.
 */
export default {
  id: 'test-configuration',
  run({ written, deleted, specification }) {
    const planned = new Set(specification?.filesToChange.map((file) => file.path) ?? []);
    const findings: Finding[] = [];
    const add = (file: string, line?: number) =>
      findings.push({
        check: 'policy.test-configuration',
        code: 'TEST_CONFIGURATION',
        severity: planned.has(file) ? 'warning' : 'error',
        message: 'This decides which tests run, how, or whether their failure counts. Leave it as it was.',
        file,
        ...(line === undefined ? {} : { line }),
      });
    for (const { path } of deleted) if (WHOLE_FILES.test(path)) add(path);
    for (const file of written) {
      const { path } = file;
      if (WHOLE_FILES.test(path)) {
        add(path);
        continue;
      }
      const part = PARTS.find(([files]) => files.test(path))?.[1];
      // A new build file is found by no detector: the recipe comes from the base commit.
      if (
        part !== undefined &&
        file.before !== null &&
        part(textOf(file.before) ?? '') !== part(textOf(file.content) ?? '')
      )
        add(path);
      const pattern = LINES.find(([files]) => files.test(path))?.[1];
      const line = pattern === undefined ? undefined : changedLine(file, pattern);
      if (line !== undefined) add(path, line);
    }
    return findings;
  },
} satisfies Check;

/** The first line that fits and was added, or 1 where one was removed. */
function changedLine(file: WrittenFile, pattern: RegExp): number | undefined {
  const added = addedLines(file).find(({ text }) => pattern.test(text.slice(0, 2_000)));
  if (added !== undefined) return added.line;
  const removed =
    file.before === null ? [] : addedLines({ path: file.path, content: file.before, before: file.content });
  return removed.some(({ text }) => pattern.test(text.slice(0, 2_000))) ? 1 : undefined;
}

/** The blocks that begin with a line of the one kind and go on until one of the other. */
function blocks(text: string, begin: RegExp, end: RegExp): string {
  let inside = false;
  return text
    .split('\n')
    .filter((line) => {
      if (end.test(line)) inside = begin.test(line);
      return inside && line.trim() !== '';
    })
    .map((line) => line.trim())
    .join('\n');
}
