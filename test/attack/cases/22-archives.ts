import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

export default [
  boxed({
    row: 22,
    name: 'a bomb in an archive',
    sh: 'i=0; while [ $i -lt 30 ]; do head -c 5000000 /dev/zero | gzip -1 > part.gz; gzip -dc part.gz > part$i; i=$((i+1)); sleep 0.05; done; echo "ESCAPED: 150 MB"',
    ended: ['disk'],
    code: 'DISK',
  }),
  boxed({
    row: 22,
    name: 'an archive whose names lead out',
    sh: ({ canaries }) =>
      `echo canary > file; tar -cPf up.tar --transform='s,^,../../../../..${canaries.openFolder}/,' file; tar -xPf up.tar 2>/dev/null; tar -cPf abs.tar --transform='s,^,${canaries.openFolder}/,' file; tar -xPf abs.tar 2>/dev/null; tried=1`,
  }),
  boxed({
    row: 22,
    name: 'an archive with a link and a file behind it',
    sh: ({ canaries }) =>
      `mkdir in; ln -s ${canaries.openFolder} in/link; tar -cf first.tar -C in link; rm in/link; mkdir in/link; echo x > in/link/canary; tar -cf second.tar -C in link/canary; mkdir out; tar -xf first.tar -C out; tar -xf second.tar -C out 2>/dev/null; fails "reached the folder" test -e ${canaries.openFolder}/untouched`,
  }),
] satisfies AttackCase[];
