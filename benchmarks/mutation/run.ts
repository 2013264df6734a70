import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Changes the budget's code in hundreds of small ways, one at a time, and sees whether its tests notice:
 * node benchmarks/mutation/run.ts. Works on a copy, because the code is changed in place. The report is left in reports/.
 */
const ROOT = join(import.meta.dirname, '../..');
const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { packageManager: string };
const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
const run = (command: string, args: readonly string[]): void => {
  execFileSync(command, args, {
    cwd: copy,
    stdio: 'inherit',
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
  });
};
try {
  execFileSync('git', ['clone', '--quiet', '--local', ROOT, copy]);
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline', '--loglevel=error']);
  run('npx', ['--yes', packageManager, '--dir', 'packages/shared', 'exec', 'prisma', 'generate']);
  run(join(copy, 'node_modules/.bin/stryker'), ['run', 'benchmarks/mutation/stryker.config.json']);
  cpSync(join(copy, 'reports'), join(ROOT, 'reports'), { recursive: true });
} finally {
  rmSync(copy, { recursive: true, force: true });
}
