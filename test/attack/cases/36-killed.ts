import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bubblewrapSandbox } from '../../../services/validator/src/sandbox/bubblewrap.ts';
import { makeRunDirectory } from '../../../services/validator/src/workspace/run-directory.ts';
import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';
import { startEndless } from '../child-process.ts';
import { findSurvivors } from '../survivors.ts';

export default [
  {
    row: 36,
    name: 'the validator is killed in the middle of a run',
    async run({ marker }) {
      const { child, home } = await startEndless(marker);
      const alive = () => findSurvivors(marker, home).filter((pid) => pid !== child.pid);
      for (let tries = 0; alive().length < 2 && tries < 400; tries++) await delay(25);
      const problems = alive().length < 2 ? ['the run did not begin'] : [];
      child.removeAllListeners('exit');
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      for (let tries = 0; alive().length > 0 && tries < 400; tries++) await delay(25);
      if (alive().length > 0) problems.push(`${alive().length} processes outlive the validator`);
      // Who comes next sweeps what it left: its folders, and its slot.
      const session = await bubblewrapSandbox().open();
      await session.release();
      const directory = await makeRunDirectory(home);
      const left = readdirSync(join(home, 'workspaces'));
      if (left.length !== 1) problems.push(`${left.length - 1} folders are left`);
      await directory.remove();
      return problems;
    },
  },
  {
    row: 36,
    name: 'one job delivered to two validators',
    async run({ harness, record }) {
      const change = { 'attack.sh': 'echo twice; sleep 0.3\n' };
      const both = await Promise.all([harness.validate(change), harness.validate(change)]);
      for (const outcome of both) record(outcome);
      const [one, other] = both.map(verdictOf);
      return one?.passed && other?.passed && one.headCommit === other.headCommit ? [] : ['two verdicts differ'];
    },
  },
] satisfies AttackCase[];
