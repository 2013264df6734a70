import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const tell = { says: /tried [1-9]/ } as const;

export default [
  boxed({
    row: 8,
    name: 'prints its environment and that of every process',
    ...tell,
    sh: 'env; for file in /proc/self/environ /proc/1/environ /proc/*/environ; do tr "\\0" "\\n" < "$file"; done 2>/dev/null; tried=1',
    also: (verdict) => {
      const names = [...(verdict.run?.commands.at(-1)?.output ?? '').matchAll(/^([A-Z][A-Z_]*)=/gm)].map(
        (match) => match[1],
      );
      const strange = names.filter((name) => /KEY|TOKEN|PASSWORD|SECRET|DATABASE|REDIS/.test(name ?? ''));
      return strange.length > 0 ? [`sees ${strange.join(', ')}`] : [];
    },
  }),
  boxed({
    row: 8,
    name: 'prints every command line',
    ...tell,
    sh: 'for file in /proc/*/cmdline /proc/1/cmdline; do tr "\\0" " " < "$file"; echo; done 2>/dev/null; tried=1',
    also: (verdict, { harness }) =>
      (verdict.run?.commands.at(-1)?.output ?? '').includes(harness.home)
        ? ['a path of the machine is on a command line']
        : [],
  }),
  boxed({
    row: 8,
    name: 'reads what the file descriptors of every process lead to',
    ...tell,
    sh: `for fd in /proc/*/fd/*; do target=$(readlink "$fd" 2>/dev/null); case "$target" in ''|/dev/null|pipe:*|socket:*|/proc/*|anon_inode:*) ;; *box/work*) ;; *) echo "ESCAPED: $fd leads to $target";; esac; done; tried=1`,
  }),
  boxed({
    row: 8,
    name: 'reads from descriptors that were passed on',
    ...tell,
    node: `import { readSync } from 'node:fs';
for (let fd = 3; fd < 64; fd++) await fails('read descriptor ' + fd, () => { const buffer = Buffer.alloc(64); const count = readSync(fd, buffer); return count > 0 && /canary|http|postgres/.test(buffer.toString()); });`,
  }),
] satisfies AttackCase[];
