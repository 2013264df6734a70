import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';
import { REPORTING } from './15-links.ts';

const hostile = (name: string, sh: string | ((path: string) => string)) =>
  boxed({
    row: 30,
    name,
    ...REPORTING,
    sh: ({ canaries }) => `mkdir -p out; ${typeof sh === 'string' ? sh : sh(canaries.secretPaths[0] ?? '')}\ntried=1`,
    passed: false,
    withinMs: 20_000,
  });
const write = (xml: string) => `cat > out/report.xml <<'END'\n${xml}\nEND`;
const tests = (inner: string) => `<testsuite name="s" tests="1"><testcase classname="s" name="${inner}"/></testsuite>`;

export default [
  hostile(
    'entities that multiply',
    write(
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'
        .split('')
        .map((name, index) => `<!ENTITY ${name} "${`&${'abcdefghi'[index]};`.repeat(10)}">`)
        .join('')}]>\n${tests('&j;')}`,
    ),
  ),
  hostile('an entity that is a secret file', (path) =>
    write(`<!DOCTYPE x [<!ENTITY secret SYSTEM "file://${path}">]>\n${tests('&secret;')}`),
  ),
  hostile(
    'an entity that is an address',
    write(`<!DOCTYPE x [<!ENTITY % far SYSTEM "http://169.254.169.254/x"> %far;]>\n${tests('x')}`),
  ),
  hostile(
    'twenty megabytes',
    `{ echo '<testsuite name="s">'; yes '<testcase classname="s" name="works"/>' | head -c 20000000; echo '</testsuite>'; } > out/report.xml`,
  ),
  hostile(
    'a hundred thousand folders deep',
    `perl -e 'print "<testsuite>" x 100000, "</testsuite>" x 100000' > out/report.xml`,
  ),
  hostile('six thousand reports', `i=0; while [ $i -lt 6000 ]; do : > out/$i.xml; i=$((i+1)); done`),
  hostile('bytes that are no XML', `head -c 100000 /dev/urandom > out/report.xml`),
  hostile(
    'a value that is a name of every object',
    write(tests('__proto__').replace('classname="s"', 'classname="constructor"')),
  ),
] satisfies AttackCase[];
