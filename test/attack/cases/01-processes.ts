import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const LIMITED = ['exit', 'processes', 'timeout', 'memory'] as const;

export default [
  boxed({
    row: 1,
    name: 'a fork bomb of shells',
    config: { validate: { timeout: '6s' } },
    sh: ({ marker }) => `bomb() { bomb ${marker} | bomb ${marker} & }\nbomb\nsleep 3`,
    ended: LIMITED,
    passed: 'either',
    says: /^/,
  }),
  boxed({
    row: 1,
    name: 'two thousand processes one after the other',
    sh: ({ marker }) =>
      `i=0; while [ $i -lt 2000 ]; do sh -c 'sleep 5' ${marker} >/dev/null 2>&1 & i=$((i+1)); done; echo "ESCAPED: 2000 processes"`,
    ended: LIMITED,
    passed: 'either',
    says: /^/,
  }),
  boxed({
    row: 1,
    name: 'two thousand threads',
    node: `import { Worker } from 'node:worker_threads';
let up = 0;
for (let i = 0; i < 2000; i++) new Worker('setTimeout(() => {}, 9000)', { eval: true }).on('online', () => { if (++up > 200) console.log('ESCAPED: 200 threads'); }).on('error', () => {});
await new Promise((resolve) => setTimeout(resolve, 9000));`,
    ended: LIMITED,
    passed: 'either',
    says: /^/,
  }),
  boxed({
    row: 1,
    name: 'processes that fork again as soon as they are ended',
    sh: ({ marker }) =>
      `for i in 1 2 3 4; do setsid sh -c 'trap "" TERM HUP INT; while :; do sh -c "sleep 0.2"; done' ${marker} >/dev/null 2>&1 & done; sleep 0.5; tried=1`,
  }),
] satisfies AttackCase[];
