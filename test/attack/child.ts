import { execFileSync } from 'node:child_process';
import { AppError } from '../../packages/shared/src/errors/app-error.ts';
import { testDatabase } from '../../packages/testkit/src/postgres.ts';
import { sandboxStatus } from '../../services/validator/src/sandbox/probe.ts';
import { stageHarness } from '../../services/validator/test/stage-harness.ts';
import { BASE } from './boxed.ts';
import type { ChildAnswer } from './child-process.ts';

/**
 * A validator of its own: `baseline CANARY` says how its stage ends, `later CANARY SCRIPT` how a change fares once the
 * script has taken from the machine what the sandbox, which held before, needs; `endless MARKER` never ends.
 */
const [, , mode = '', argument = '', script = ''] = process.argv;
const test = await testDatabase();
if (mode === 'later') {
  const harness = await stageHarness(test.database, BASE);
  const before = await sandboxStatus();
  const { kind } = await harness.baseline();
  execFileSync('sh', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit'] });
  // The probe of before still counts for minutes: the box itself has to refuse.
  const code = await codeOf(harness.validate({ 'attack.sh': `touch ${argument}\n` }));
  const { available, reason } = await sandboxStatus({ maxAgeMs: 0 });
  const afterProbe = await codeOf(harness.validate({ 'attack.sh': `touch ${argument}; exit\n` }));
  harness.remove();
  await test.close();
  const held = before.available && kind === 'advance';
  process.stdout.write(`${JSON.stringify({ held, code, available, reason, afterProbe } satisfies ChildAnswer)}\n`);
  process.exit(0);
} else if (mode === 'baseline') {
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

/** The code of the error that a stage ends with, or the kind of its outcome. */
function codeOf(stage: Promise<{ readonly kind: string }>): Promise<string> {
  return stage.then(
    ({ kind }) => kind,
    (error) => (error instanceof AppError ? error.code : String(error)),
  );
}
