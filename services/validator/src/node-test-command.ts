import type { PackageJson, PackageManager } from './node-project.ts';
import type { RecipeCommand, ReportFiles } from './recipe.ts';

interface TestCommand {
  readonly command: RecipeCommand;
  readonly reports: readonly ReportFiles[];
  readonly env: Readonly<Record<string, string>>;
}

const PLACEHOLDER = /no test specified/;
/** A script that is one command: arguments at its end reach that command. */
const SINGLE = /^[^&|;<>]*$/;

/** The test script, with a machine-readable report beside what it prints wherever its runner can write one. */
export function testCommand(cwd: string, manifest: PackageJson, manager: PackageManager): TestCommand | null {
  const script = manifest.scripts.test;
  if (!script || PLACEHOLDER.test(script)) return null;
  const command = (extra: readonly string[], parse?: 'tap'): RecipeCommand => ({
    step: 'test',
    argv: manager.script('test', extra.length === 0 ? [] : [...nesting, ...extra]),
    cwd,
    ...(parse ? { parse } : {}),
  });
  const everything = expand(script, manifest.scripts);
  const { last, nesting } = lastCommand(script, manifest.scripts);
  /** The runner is what further arguments reach, and it does not write a report of its own already. */
  const endsWith = (runner: RegExp, taken: RegExp) =>
    SINGLE.test(last) && runner.test(last) && !taken.test(last) && !/\b(npm|pnpm|yarn|bun run)\s/.test(last);

  if (
    /--test(\s|$)/.test(everything) &&
    /\b(node|tsx|c8|nyc)\b/.test(everything) &&
    !/--test-reporter/.test(everything)
  ) {
    return {
      command: command([]),
      reports: [{ format: 'node-events', glob: '{reports}/node-*.jsonl' }],
      env: {
        NODE_OPTIONS:
          '--test-reporter=spec --test-reporter-destination=stdout "--test-reporter={kit}/node-report.mjs" --test-reporter-destination=stderr',
        REPORT_DIR: '{reports}',
      },
    };
  }
  if (endsWith(/\bvitest\b/, /--outputFile/))
    return {
      command: command([
        ...(/--reporter/.test(last) ? [] : ['--reporter=default']),
        '--reporter=junit',
        '--outputFile.junit={reports}/vitest.xml',
      ]),
      reports: [{ format: 'junit', glob: '{reports}/vitest.xml' }],
      env: {},
    };
  if (endsWith(/\b(jest|react-scripts test)\b/, /--json|--outputFile/))
    return {
      command: command(['--json', '--outputFile={reports}/jest.json']),
      reports: [{ format: 'jest-json', glob: '{reports}/jest.json' }],
      env: {},
    };
  if (endsWith(/^\s*bun test\b/, /--reporter/))
    return {
      command: command(['--reporter=junit', '--reporter-outfile={reports}/bun.xml']),
      reports: [{ format: 'junit', glob: '{reports}/bun.xml' }],
      env: {},
    };
  // Of several reporters Mocha takes the last.
  if (endsWith(/\bmocha\b/, /--reporter-options?/))
    return {
      command: command(['--reporter', 'xunit', '--reporter-option', 'output={reports}/mocha.xml']),
      reports: [{ format: 'junit', glob: '{reports}/mocha.xml' }],
      env: {},
    };
  return { command: command([], 'tap'), reports: [], env: {} };
}

/** What further arguments reach: each `npm run` on the way needs a `--` of its own to pass them on; other managers do not. */
function lastCommand(script: string, scripts: Readonly<Record<string, string>>): { last: string; nesting: string[] } {
  const nesting: string[] = [];
  let last = script.split('&&').at(-1) ?? '';
  for (let depth = 0; depth < 5; depth++) {
    const call = CALL.exec(last);
    const next = scripts[call?.[2] ?? ''];
    if (next === undefined) break;
    if (call?.[1] === 'npm') nesting.push('--');
    last = next.split('&&').at(-1) ?? '';
  }
  return { last, nesting };
}

/** A command that only starts another script of the package. */
const CALL = /^\s*(?:(npm)\s+(?:run|run-script)|(?:pnpm|yarn|bun)(?:\s+run)?)\s+([\w:.-]+)\s*$/;

/** The script and every script of the same package that it starts. */
function expand(
  script: string,
  scripts: Readonly<Record<string, string>>,
  seen: ReadonlySet<string> = new Set(),
): string {
  const called = [...script.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:-]+)/g)].map(
    (match) => match[1] as string,
  );
  return [
    script,
    ...called
      .filter((name) => !seen.has(name) && scripts[name])
      .map((name) => expand(scripts[name] as string, scripts, new Set([...seen, name]))),
  ].join(' && ');
}
