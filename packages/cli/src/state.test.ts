import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { discardEmbeddedPostgres } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import { takeState } from '@orchestrator/shared/state/held-state.ts';
import { openStateBranch } from '@orchestrator/shared/state/state-branch.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { afterAll, expect, it } from 'vitest';
import { cli, temporaryFolder } from '../test/spawn-cli.ts';

const folder = temporaryFolder();
const remote = join(folder, 'remote.git');
createRepository(remote, ['--bare']);
const homes = ['here', 'there'].map((name) => join(folder, name)) as [string, string];
afterAll(async () => {
  for (const home of homes) await discardEmbeddedPostgres(join(home, 'postgres'));
});

const [here, there] = homes;
const run = async (home: string, ...args: string[]) => {
  const result = await cli([...args, '--home', home, '--json'], {
    cwd: folder,
    env: { ANTHROPIC_API_KEY: 'one-key', OPENAI_API_KEY: 'another-key' },
  });
  return { exitCode: result.exitCode, ...result.json() } as Record<string, unknown>;
};
const state = (home: string, ...args: string[]) => run(home, 'state', ...args, '--repo', remote);
const failed = (code: string) => ({ exitCode: expect.any(Number), error: expect.objectContaining({ code }) });

it('moves an installation to the branch, and from there to another machine and back', {
  timeout: 180_000,
}, async () => {
  expect(await state(here, 'show')).toMatchObject(failed('STATE_MISSING'));
  expect(await state(here, 'push')).toMatchObject(failed('STATE_MISSING'));
  const budget = { start_date: new Date(Date.now() - 3_600_000).toISOString(), spent_usd: '1.5' };
  writeFileSync(join(folder, 'token_budget.json'), JSON.stringify(budget));
  await run(here, 'budget', 'import', 'token_budget.json');
  expect(await state(here, 'push', '--begin')).toMatchObject({ exitCode: 0, generation: 1 });
  expect(await state(here, 'show')).toMatchObject({ hold: null, wakeAt: null, budget: { spent_usd: '1.500000000' } });

  // On the other machine: look, change something, and bring it back.
  expect(await state(there, 'pull')).toMatchObject({ exitCode: 0, generation: 1 });
  expect(await run(there, 'budget')).toMatchObject({ budgets: [{ spentNanoUsd: '1500000000' }] });
  await run(there, 'pause', '--all');
  expect(await state(there, 'push')).toMatchObject({ exitCode: 0, generation: 2 });
  expect(await state(there, 'push')).toMatchObject({ exitCode: 0, generation: 3 });

  // The first has not seen that, and does not write over it; nor is its database thrown away unasked.
  expect(await state(here, 'push')).toMatchObject(failed('STATE_MOVED'));
  expect(await state(here, 'push', '--begin')).toMatchObject(failed('STATE_MOVED'));
  expect(await state(here, 'pull')).toMatchObject(failed('HOME_HAS_DATABASE'));
  expect(await run(here, 'actions', 'run', '--repo', remote)).toMatchObject(failed('HOME_HAS_DATABASE'));
  // That run had taken the state by then, and has let go of it.
  expect(await state(here, 'pull', '--replace')).toMatchObject({ exitCode: 0, generation: 5 });

  // Nobody pushes into a run that is at work.
  const branch = await openStateBranch({
    repo: remote,
    branch: 'orchestrator-state',
    home: join(folder, 'run'),
    platform: null,
  });
  const held = await takeState({ branch, by: 'the run at work', begin: false, log: sink().log });
  expect(await state(here, 'push')).toMatchObject(failed('STATE_BUSY'));
  expect(await state(here, 'show')).toMatchObject({ hold: { by: 'the run at work' } });
  await held.release();
});
