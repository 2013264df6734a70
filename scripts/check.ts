/** The static checks: format and lint, types, and the direction of imports. Exit code 1 when one fails. */
import { spawnSync } from 'node:child_process';
import { importProblems } from './import-direction.ts';

const root = new URL('..', import.meta.url).pathname;
const failed: string[] = [];

for (const [name, program, args] of [
  ['format and lint', 'biome', ['check', '--error-on-warnings']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
] as const) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}

const problems = importProblems(root);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) failed.push('direction of imports');

process.stdout.write(failed.length === 0 ? 'check: all passed\n' : `check: ${failed.join(', ')} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);
