/**
 * npm run bench:validator -- --json: what the sandbox adds to a command, a fresh workspace against `git clone`, and the
 * second validation of a repository against its first. Every ratio is of runs side by side, one after the other in turn.
 * Prints one JSON line last.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureSandbox } from './validator/sandbox.ts';
import { measureSecond } from './validator/second.ts';
import { measureWorkspace } from './validator/workspace.ts';

// The home of a service is readable for the users that the sandbox runs as; a temporary folder of root is not.
const folder = mkdtempSync(join(tmpdir(), 'bench-validator-'));
try {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say('what the sandbox adds');
  const sandbox = await measureSandbox(folder);
  say(`${JSON.stringify(sandbox)}\na fresh workspace`);
  const workspace = await measureWorkspace(folder);
  say(`${JSON.stringify(workspace)}\nthe second validation`);
  const second = await measureSecond(folder);
  process.stdout.write(`${JSON.stringify({ benchmark: 'validator', sandbox, workspace, second })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
