// What a change does to the exported names of a Go module, by apidiff. Usage: go-api.mjs APIDIFF MODULE FOLDER, in a folder
// with the trees `old` and `new`; FOLDER holds go.mod in both. Prints {"api": [{name, why, file}]} last.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [, , apidiff, module, folder] = process.argv;
const exported = join(process.env.TMPDIR ?? '/tmp', 'old.api');

function run(side, ...args) {
  const { status, stdout, stderr } = spawnSync(apidiff, args, { cwd: join(side, folder), encoding: 'utf8' });
  if (status === 0) return stdout;
  process.stderr.write(stderr ?? 'it did not start');
  process.exit(1);
}

run('old', '-m', '-w', exported, module);
const api = run('new', '-m', '-incompatible', exported, module)
  .split('\n')
  .flatMap((line) => {
    const match = /^- (?:\.\/)?(.+?): (.+)$/.exec(line);
    if (match === null) return [];
    const [, name, why] = match;
    // (*T).Go is T.Go for everybody but the compiler.
    return [{ name: name.replace(/\(\*(\w+)\)/, '$1'), why: why === 'removed' ? '' : why, file: '' }];
  });
process.stdout.write(`${JSON.stringify({ api: api.slice(0, 60) })}\n`);
