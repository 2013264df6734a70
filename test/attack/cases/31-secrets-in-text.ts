import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';
import { refusedChange } from '../edits.ts';

/** Shapes of tokens, put together here so that this file holds none. */
const TOKENS: Readonly<Record<string, string>> = {
  'a platform token': `ghp_${'a1B2'.repeat(9)}`,
  'a model key': `sk-proj-${'aB3d'.repeat(12)}`,
  'a private key': `-----BEGIN ${'RSA'} PRIVATE KEY-----\n${'QUJD'.repeat(40)}\n-----END RSA PRIVATE KEY-----`,
};

export default [
  ...Object.entries(TOKENS).map(([name, token]) =>
    refusedChange({ row: 31, name: `commits ${name}`, files: { 'settings.txt': `key = ${token}\n` }, code: 'SECRET' }),
  ),
  {
    row: 31,
    name: 'prints a secret from a failing test',
    async run({ harness, record }) {
      // Each half alone has no shape that a check would refuse.
      const [head, tail] = ['ghp_', 'c3D4'.repeat(9)];
      const outcome = await harness.validate({
        'test.sh': `echo 1..1\nhead=${head}\necho "not ok 1 - works"\necho "token $head${tail}"\nexit 1\n`,
      });
      record(outcome);
      const verdict = verdictOf(outcome);
      const told = JSON.stringify([verdict.feedback, verdict.findings, 'events' in outcome ? outcome.events : []]);
      return [
        ...(verdict.passed ? ['it passed'] : []),
        ...(told.includes(head + tail) ? ['the secret is in what the coder and the channels are told'] : []),
      ];
    },
  },
] satisfies AttackCase[];
