import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const bounded = {
  also: (verdict: unknown) => (JSON.stringify(verdict).length < 600_000 ? [] : ['the verdict is large']),
};

export default [
  boxed({
    row: 4,
    name: 'a flood on both streams',
    sh: 'yes 0123456789 & yes error >&2',
    ended: ['output'],
    code: 'OUTPUT',
    ...bounded,
  }),
  boxed({
    row: 4,
    name: 'one line of 100 MB',
    sh: 'head -c 100000000 /dev/zero | tr "\\0" x',
    ended: ['output'],
    code: 'OUTPUT',
    ...bounded,
  }),
  boxed({
    row: 4,
    name: 'control sequences, NUL and broken UTF-8',
    sh: String.raw`printf '\033[2J\033]0;title\007\000\377\376\355\240\200\n'; tried=1`,
    also: (verdict) => {
      const text = JSON.stringify(verdict);
      return /\\u001b|\\u0000|\\ud800/i.test(text) ? ['control characters are in the verdict'] : [];
    },
  }),
  boxed({
    row: 4,
    name: 'half a million test results',
    sh: 'yes "ok 2 - x" | head -n 500000; tried=1',
    ended: ['exit', 'output'],
    passed: 'either',
    says: /^/,
    also: (verdict) => (JSON.stringify(verdict).length < 64_000_000 ? [] : ['the verdict is large']),
  }),
] satisfies AttackCase[];
