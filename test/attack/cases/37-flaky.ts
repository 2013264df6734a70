import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';

const RED = { 'test.sh': 'echo 1..2\nsh ./attack.sh\necho "not ok 1 - old"\necho "ok 2 - works"\nexit 1\n' };

export default [
  {
    row: 37,
    name: 'a test that failed before',
    base: RED,
    config: { validate: { requireGreenBaseline: false } },
    async run({ harness, record }) {
      const outcome = await harness.validate({ 'other.txt': 'x\n' });
      record(outcome);
      const verdict = verdictOf(outcome);
      return verdict.passed && verdict.tests.knownFailed.join() === 'old' ? [] : [`blamed: ${verdict.feedback}`];
    },
  },
  {
    row: 37,
    name: 'a test that fails once and then passes',
    async run({ harness, record }) {
      const outcome = await harness.validate({
        'attack.sh':
          'if [ ! -e ran ]; then touch ran; echo "not ok 2 - sometimes"; exit 1; fi; echo "ok 2 - sometimes"\n',
        'test.sh': 'echo 1..2\nsh ./attack.sh || { echo "ok 1 - works"; exit 1; }\necho "ok 1 - works"\n',
      });
      record(outcome);
      const verdict = verdictOf(outcome);
      return verdict.passed && verdict.tests.flaky.join() === 'sometimes'
        ? []
        : [`not seen as flaky: ${verdict.feedback}`];
    },
  },
] satisfies AttackCase[];
