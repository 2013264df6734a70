import { AppError } from '../../packages/shared/src/errors/app-error.ts';
import { testDatabase } from '../../packages/testkit/src/postgres.ts';
import { sandboxStatus } from '../../services/validator/src/sandbox/probe.ts';
import { stageHarness } from '../../services/validator/test/stage-harness.ts';
import { BASE } from './boxed.ts';
import type { ChildAnswer } from './child-process.ts';

/** A validator of its own: `baseline CANARY` says how its stage ends, `endless MARKER` never ends. */
const [, , mode = '', argument = ''] = process.argv;
const test = await testDatabase();
if (mode === 'baseline') {
  const harness = await stageHarness(test.database, { ...BASE, 'attack.sh': `touch ${argument}\n` });
  const { available, reason } = await sandboxStatus();
  const answer: ChildAnswer = await harness.baseline().then(
    ({ kind }) => ({ kind, available, reason }),
    (error) => ({ code: error instanceof AppError ? error.code : String(error), available, reason }),
  );
  harness.remove();
  await test.close();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exit(0);
} else {
  const harness = await stageHarness(test.database, BASE);
  await harness.baseline();
  process.stdout.write(`${harness.home}\n`);
  await harness.validate({
    'attack.sh': `setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' ${argument} & sh -c 'while :; do sleep 1; done' ${argument}\n`,
  });
}
