import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const slow = { config: { validate: { timeout: '3s' } }, ended: ['timeout'], code: 'TIMEOUT', withinMs: 5_000 } as const;

export default [
  boxed({ row: 5, name: 'sleeps for ever', ...slow, sh: 'sleep 1000000' }),
  boxed({
    row: 5,
    name: 'ignores every signal that it can',
    ...slow,
    sh: 'trap "" TERM INT HUP QUIT; while :; do sleep 0.2; done',
  }),
  boxed({ row: 5, name: 'stops itself', ...slow, sh: 'kill -STOP $$; sleep 60' }),
  boxed({ row: 5, name: 'stops the first process of its box', ...slow, sh: 'kill -STOP 1; kill -STOP $$; sleep 60' }),
] satisfies AttackCase[];
