import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';
import { REPORT, REPORTING } from './15-links.ts';

const left = (name: string, sh: string) =>
  boxed({
    row: 16,
    name,
    ...REPORTING,
    sh: `mkdir -p out; rm -f out/report.xml; ${sh}; tried=1`,
    passed: false,
    code: 'REPORT_MISSING',
    withinMs: 20_000,
  });

export default [
  left('a pipe as the report', 'mkfifo out/report.xml'),
  left(
    'a socket as the report',
    `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "out/report.xml", Listen => 1)'`,
  ),
  left('a report with a second name', `echo '${REPORT}' > out/report.xml; ln out/report.xml out/second.xml`),
  left('a folder as the report', 'mkdir -p out/report.xml'),
  left('a device as the report', 'mknod out/report.xml c 1 5 2>/dev/null'),
  boxed({
    row: 16,
    name: 'a hard link to a file of the system',
    sh: 'fails "link to passwd" ln /etc/passwd own-passwd; fails "link to a program" ln /usr/bin/env own-env; B=box; fails "link to the kit" ln /$B/kit/probe.mjs own-kit',
  }),
  boxed({
    row: 16,
    name: 'folders that nobody may enter, and names that are hard to remove',
    sh: `mkdir -p locked/a/b; touch locked/a/b/file; chmod 000 locked/a/b locked/a locked; mkdir -p "$(printf 'new\\nline')" -- -rf; touch -- '-rf/x' "$(printf '\\377\\376')"; mkfifo pipe; i=0; while [ $i -lt 60 ]; do mkdir d; cd d; i=$((i+1)); done; tried=1`,
  }),
] satisfies AttackCase[];
