import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { OrchestratorConfig } from '../../packages/shared/src/config/schema.ts';
import { openMirror } from '../../packages/shared/src/repo/open-mirror.ts';
import { createRepository } from '../../packages/testkit/src/git/test-repository.ts';
import { isGreen } from '../../services/validator/src/plan.ts';
import { validateHead } from '../../services/validator/src/validate-head.ts';
import { median, round, timed } from './measure.ts';

const ROUNDS = 3;
const AIM = 3;
/** Exact versions, so that every run fetches the same. */
const DEPENDENCIES = { express: '5.1.0', lodash: '4.17.21', zod: '4.1.5', typescript: '5.9.2' };

/** A repository with dependencies, validated twice: with an empty cache, and again. Needs the machine's npm registry. */
export async function measureSecond(folder: string) {
  const repository = createRepository(join(folder, 'project'));
  const commit = repository.commit({
    'package.json': JSON.stringify({
      name: 'bench',
      type: 'module',
      scripts: { test: 'node --test' },
      dependencies: DEPENDENCIES,
    }),
    'index.test.js':
      "import { test } from 'node:test';\nimport { z } from 'zod';\ntest('adds', () => { z.number().parse(2); });\n",
  });
  const first: number[] = [];
  const second: number[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) {
    const home = join(folder, `project-home-${turn}`);
    const mirror = await openMirror({ repo: repository.path, home, log: sink().log });
    const validate = async () => {
      const run = await validateHead({
        repo: repository.path,
        mirror,
        commit,
        home,
        config: OrchestratorConfig.parse({}),
      });
      if (!isGreen(run))
        throw new Error(run.commands.map((each) => `${each.argv.join(' ')}: ${each.output.slice(-400)}`).join('\n'));
    };
    try {
      first.push(await timed(validate));
    } catch (error) {
      return { reached: null, reason: `the first validation failed: ${String(error).slice(0, 600)}` };
    }
    second.push(await timed(validate));
    rmSync(home, { recursive: true, force: true });
  }
  const ratios = first.map((ms, turn) => ms / (second[turn] ?? ms));
  return {
    rounds: ROUNDS,
    firstMs: round(median(first)),
    secondMs: round(median(second)),
    timesFaster: round(median(ratios)),
    aim: AIM,
    reached: median(ratios) >= AIM,
  };
}
