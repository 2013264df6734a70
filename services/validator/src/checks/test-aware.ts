import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { addedLines, type Check } from '../check.ts';
import { isTestFile } from '../test-code/test-source.ts';

const SCRIPT = /\.[cm]?[jt]sx?$/;
const JVM = /\.(?:java|kt|groovy|scala)$/;

/** How source code finds out that it is being tested. */
const SIGNS: readonly (readonly [RegExp, RegExp])[] = [
  [
    SCRIPT,
    /\b(?:NODE_TEST_CONTEXT|JEST_WORKER_ID|VITEST(?:_\w+)?|MOCHA_\w+)\b|import\.meta\.vitest|NODE_ENV\b.{0,20}['"`]test['"`]|\btypeof\s+(?:it|describe|jest|vi|expect)\b|\bnpm_lifecycle_event\b|\bargv\b.{0,60}(?:--test|mocha|jest|vitest)/,
  ],
  [
    /\.py$/,
    /\bPYTEST_\w+|['"](?:pytest|_pytest|unittest)['"]\s+in\s+(?:sys\.modules|sys\.argv)|\bsys\.modules\.get\(\s*['"](?:pytest|unittest)|\bsys\.argv\b.{0,40}(?:pytest|unittest)/,
  ],
  [/\.go$/, /\btesting\.Testing\(\)|flag\.Lookup\(\s*"test\.|os\.Args\b.{0,60}\.test"/],
  [JVM, /"[^"]*(?:org\.junit|org\.testng|surefire|junit\.platform)[^"]*"|getStackTrace\(\).{0,200}(?:[jJ]unit|Test)/],
  [/\.rs$/, /\bcfg!\(\s*(?:not\(\s*)?test\b|#\[cfg\(not\(test\)\)\]/],
  // Runs of tests set CI: a constant for them is an answer by heart.
  [
    /\.(?:[cm]?[jt]sx?|py|go|java|kt)$/,
    /\bCI\b['"\])]{0,3}.{0,60}\breturn\s+[-\d'"`[{]|\bCI\b['"\])]{0,3}.{0,40}\?\s*[-\d'"`[{]/,
  ],
];

/** Code behaves the same whether it is tested or not. */
export default {
  id: 'test-aware',
  run: ({ written }) =>
    written
      .filter(({ path }) => !isTestFile(path))
      .flatMap((file) => {
        const signs = SIGNS.filter(([files]) => files.test(file.path)).map(([, sign]) => sign);
        if (signs.length === 0) return [];
        const lines = addedLines(file);
        return lines.flatMap(({ line, text }, index): Finding[] => {
          // A condition and what it returns may stand on two lines.
          const next = lines[index + 1];
          const both = `${text.slice(0, 1_000)} ${next?.line === line + 1 ? next.text.trim().slice(0, 1_000) : ''}`;
          return signs.some((sign) => sign.test(text.slice(0, 1_000)) || (/\bCI\b/.test(text) && sign.test(both)))
            ? [
                {
                  check: 'policy.test-aware',
                  code: 'TEST_AWARE',
                  severity: 'error',
                  message: 'The line behaves differently when it is tested. Make the code right for everybody.',
                  file: file.path,
                  line,
                },
              ]
            : [];
        });
      }),
} satisfies Check;
