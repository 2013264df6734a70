import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

export default [
  boxed({
    row: 7,
    name: 'spins on every core and more',
    config: { validate: { timeout: '5s' } },
    sh: 'for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; wait',
    ended: ['timeout'],
    code: 'TIMEOUT',
    withinMs: 8_000,
  }),
  boxed({
    row: 7,
    name: 'spins in processes that end before anybody looks',
    config: { validate: { timeout: '60s', cpuTime: '2s' } },
    sh: 'while :; do for i in 1 2 3; do (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done) & done; wait; done',
    ended: ['cpu'],
    code: 'CPU',
  }),
  boxed({
    row: 7,
    name: 'raises its own priority',
    sh: 'fails "nice -n -5" sh -c "test $(nice -n -5 nice 2>/dev/null) -lt $(nice)"; fails "real-time" chrt -f 1 true',
  }),
] satisfies AttackCase[];
