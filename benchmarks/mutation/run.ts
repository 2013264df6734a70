import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS, type Part } from './parts.ts';
import { type MutationReport, summary } from './summary.ts';

/**
 * Changes the budget's code in hundreds of small ways, one at a time, and sees whether its tests notice:
 * npm run mutation:budget -- --json. Works on a copy of the last commit, because the code is changed in place. What was
 * found is left in reports/mutation/; with --incremental a later run tries again only what changed since.
 */
const { values } = parseArgs({
  options: { incremental: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const ROOT = join(import.meta.dirname, '../..');
const REPORTS = 'reports/mutation';
const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { packageManager: string };

const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
const run = (command: string, args: readonly string[], env: Record<string, string> = {}): void => {
  execFileSync(command, args, {
    cwd: copy,
    // The last line of stdout is the figure.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...env },
  });
};

function mutate(part: Part): MutationReport {
  const report = `${REPORTS}/${part.name}.json`;
  const config = `stryker-${part.name}.json`;
  writeFileSync(
    join(copy, config),
    JSON.stringify({
      testRunner: 'resident',
      plugins: ['./benchmarks/mutation/resident-runner.ts'],
      mutate: part.mutate,
      inPlace: true,
      coverageAnalysis: 'perTest',
      concurrency: 2,
      timeoutMS: 30_000,
      timeoutFactor: 3,
      // Types are not looked at when the tests run.
      disableTypeChecks: false,
      incremental: true,
      incrementalFile: `${REPORTS}/incremental-${part.name}.json`,
      reporters: ['progress-append-only', 'clear-text', 'json'],
      jsonReporter: { fileName: report },
      clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    }),
  );
  run(join(copy, 'node_modules/.bin/stryker'), ['run', config], { MUTATION_PART: part.name });
  return JSON.parse(readFileSync(join(copy, report), 'utf8')) as MutationReport;
}

try {
  execFileSync('git', ['clone', '--quiet', '--local', ROOT, copy]);
  if (values.incremental && existsSync(join(ROOT, REPORTS)))
    cpSync(join(ROOT, REPORTS), join(copy, REPORTS), { recursive: true });
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline', '--loglevel=error']);
  run('npx', ['--yes', packageManager, '--dir', 'packages/shared', 'exec', 'prisma', 'generate']);
  const { text, ...figures } = summary(PARTS.map(mutate));
  mkdirSync(join(ROOT, REPORTS), { recursive: true });
  cpSync(join(copy, REPORTS), join(ROOT, REPORTS), { recursive: true });
  process.stderr.write(`${text}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
