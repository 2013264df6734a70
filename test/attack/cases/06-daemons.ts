import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const STAY = 'trap "" TERM HUP INT; while :; do sleep 1; done';

export default [
  boxed({
    row: 6,
    name: 'a daemon of its own session that holds the output',
    sh: ({ marker }) => `setsid sh -c '${STAY}' ${marker} &\ntried=1`,
    withinMs: 15_000,
  }),
  boxed({
    row: 6,
    name: 'a daemon forked twice',
    sh: ({ marker }) => `(setsid sh -c "(sh -c '${STAY}' ${marker} &) &" ${marker} &)\ntried=1`,
    withinMs: 15_000,
  }),
  boxed({
    row: 6,
    name: 'nohup',
    sh: ({ marker }) => `nohup sh -c '${STAY}' ${marker} >/dev/null 2>&1 &\ntried=1`,
    withinMs: 15_000,
  }),
  boxed({
    row: 6,
    name: 'a daemon that means to be adopted by the first process',
    node: ({ marker }) => `import { spawn } from 'node:child_process';
const child = spawn('sh', ['-c', ${JSON.stringify(STAY)}, '${marker}'], { detached: true, stdio: 'ignore' }); child.unref();
await new Promise((resolve) => setTimeout(resolve, 200)); tried++;`,
    withinMs: 15_000,
  }),
] satisfies AttackCase[];
