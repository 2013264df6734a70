import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

export default [
  boxed({
    row: 3,
    name: 'one big file',
    sh: 'fails "wrote 300 MB" dd if=/dev/zero of=big bs=1M count=300',
    ended: ['exit', 'disk'],
    passed: true,
    says: /^/,
    also: (verdict) => (verdict.run?.commands.at(-1)?.ended === 'exit' ? [] : []),
  }),
  boxed({
    row: 3,
    name: 'many files, each below the limit',
    sh: 'i=0; while [ $i -lt 500 ]; do dd if=/dev/zero of=file$i bs=1M count=6 2>/dev/null; i=$((i+1)); sleep 0.02; done; echo "ESCAPED: 3 GB"',
    ended: ['disk'],
    code: 'DISK',
  }),
  boxed({
    row: 3,
    name: 'a million empty files',
    node: `import { mkdirSync, openSync, closeSync } from 'node:fs';
for (let i = 0; i < 1_000_000; i++) { if (i % 1000 === 0) mkdirSync('d' + i / 1000); closeSync(openSync('d' + Math.floor(i / 1000) + '/' + i, 'w')); }
console.log('ESCAPED: a million files');`,
    ended: ['disk'],
    code: 'DISK',
  }),
  boxed({
    row: 3,
    name: 'a million empty files in the temporary folder, which is memory',
    node: `import { mkdirSync, openSync, closeSync } from 'node:fs';
for (let i = 0; i < 1_000_000; i++) { if (i % 1000 === 0) mkdirSync('/tmp/d' + i / 1000); closeSync(openSync('/tmp/d' + Math.floor(i / 1000) + '/' + i, 'w')); }
console.log('ESCAPED: a million files');`,
    ended: ['disk', 'memory'],
    passed: false,
  }),
  boxed({
    row: 3,
    name: 'a sparse file of a terabyte',
    sh: 'fails "a terabyte" truncate -s 1T sparse',
  }),
  boxed({
    row: 3,
    name: 'a file that is deleted while it is open',
    node: `import { openSync, unlinkSync, writeSync } from 'node:fs';
for (let i = 0; i < 100; i++) { const fd = openSync('gone', 'w'); unlinkSync('gone'); for (let n = 0; n < 40; n++) writeSync(fd, Buffer.alloc(1 << 20)); await new Promise((resolve) => setTimeout(resolve, 50)); }
console.log('ESCAPED: 4 GB of deleted files');`,
    ended: ['disk'],
    code: 'DISK',
  }),
] satisfies AttackCase[];
