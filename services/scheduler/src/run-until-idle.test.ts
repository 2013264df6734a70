import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openScene, type Scene, section } from '../test/scene.ts';
import type { AffordableFor } from './admission/affordable.ts';
import { runUntilIdle } from './run-until-idle.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(async () => {
  await Promise.all(jobs.splice(0));
  await scene.close();
});

/** What goes on beside the ticks. */
const jobs: Promise<unknown>[] = [];
const meanwhile = (job: Promise<unknown>): void => void jobs.push(job);

const affordableFor: AffordableFor = () => async () => ({ kind: 'AFFORDABLE' });

/** Stands for the workers: ends the pending stage of each run, and the run with it. */
async function workOff(state: string): Promise<void> {
  await scene.db.$transaction(async (tx) => {
    await tx.$executeRaw`UPDATE stage_run SET state = 'succeeded' WHERE state = 'pending'`;
    await tx.$executeRaw`UPDATE run SET state = ${state}, version = version + 1, ended_at = now() WHERE ended_at IS NULL`;
  });
}

it('ticks until every task was started and has ended, dependencies in order', async () => {
  scene.tasks(section('c', { DEPENDS_ON: 'b' }) + section('b', { DEPENDS_ON: 'a' }) + section('a'));
  const order: string[] = [];
  const idle = await runUntilIdle({
    ...scene,
    affordableFor,
    lookEveryMs: 10,
    onTick: ({ admitted }) => {
      order.push(...admitted.map(({ taskKey }) => taskKey));
      if (admitted.length === 0) meanwhile(workOff('in_review'));
    },
  });
  expect(order).toEqual(['a', 'b', 'c']);
  expect(idle).toMatchObject({ started: [expect.any(String), expect.any(String), expect.any(String)], skipped: [] });
});

it('starts nothing more after the last tick, and waits for what runs', async () => {
  scene.tasks(section('a') + section('b'));

  const idle = await runUntilIdle({
    ...scene,
    affordableFor,
    maxTicks: 1,
    lookEveryMs: 10,
    onTick: () => meanwhile(workOff('in_review')),
  });

  expect(idle).toMatchObject({ ticks: 1, started: [expect.any(String)] });
  expect(await scene.db.run.count({ where: { endedAt: null } })).toBe(0);
});

it('ends, and says why, when what is left cannot start', async () => {
  scene.tasks(section('a') + section('b', { DEPENDS_ON: 'a' }));
  const idle = await runUntilIdle({
    ...scene,
    affordableFor,
    lookEveryMs: 10,
    onTick: () => meanwhile(workOff('rejected')),
  });
  expect(idle.skipped).toMatchObject([
    { taskKey: 'b', code: 'DEPENDENCY', reason: expect.stringContaining('did not pass') },
  ]);
});

it('does not wait for a run that is parked until tomorrow', async () => {
  scene.tasks(section('a'));
  const idle = await runUntilIdle({
    ...scene,
    affordableFor,
    lookEveryMs: 10,
    onTick: () =>
      meanwhile(
        scene.db.stageRun
          .updateMany({ data: { parkedReason: 'budget', availableAt: new Date(Date.now() + 86_400_000) } })
          .then(),
      ),
  });
  expect(idle.started).toHaveLength(1);
  expect(await scene.db.run.findMany()).toMatchObject([{ state: 'baselining', endedAt: null }]);
});

it('asks again when a step of a run may have freed money', async () => {
  scene.tasks(section('a') + section('b'));
  let free = true;
  let looks = 0;
  const idle = await runUntilIdle({
    ...scene,
    lookEveryMs: 10,
    affordableFor:
      () =>
      async ({ key }) => {
        if (key === 'a' || free) {
          free = false;
          return { kind: 'AFFORDABLE' };
        }
        looks += 1;
        if (looks < 3)
          return { kind: 'WAIT_SETTLING', until: new Date(Date.now() + 5_000), reason: 'Calls are in flight.' };
        return { kind: 'AFFORDABLE' };
      },
    onTick: ({ admitted }) => {
      if (admitted.some(({ taskKey }) => taskKey === 'b')) meanwhile(workOff('merged'));
      else if (admitted.length === 0) meanwhile(scene.db.$executeRaw`UPDATE run SET version = version + 1`.then());
    },
  });
  expect(looks).toBe(3);
  expect(idle.started).toHaveLength(2);
});

it('stops when it is told to', async () => {
  scene.tasks(section('a'));
  const stopping = new AbortController();
  const idle = await runUntilIdle({
    ...scene,
    affordableFor,
    lookEveryMs: 10,
    signal: stopping.signal,
    onTick: () => stopping.abort(),
  }).catch((error: unknown) => error);
  expect(idle).toMatchObject({ started: [expect.any(String)] });
});

it('lets runs end before it reports a task file that was broken meanwhile', async () => {
  scene.tasks(section('a') + section('b', { DEPENDS_ON: 'a' }));
  let ticks = 0;
  const running = runUntilIdle({
    ...scene,
    affordableFor,
    lookEveryMs: 10,
    onTick: () => {
      ticks += 1;
      if (ticks === 1) scene.tasks('# Nothing left\n');
      const workOffSoon = async () => {
        await vi.waitFor(() => expect(scene.lines.some(({ msg }) => msg === 'tick failed')).toBe(true), {
          timeout: 20_000,
        });
        await workOff('merged');
      };
      meanwhile(workOffSoon());
    },
  });
  await expect(running).rejects.toMatchObject({ code: 'TASKS_EMPTY' });
  expect(ticks).toBe(1);
  expect(await scene.db.run.findMany()).toMatchObject([{ state: 'merged' }]);
});

it('reports at once what keeps the first tick from working', async () => {
  await expect(runUntilIdle({ ...scene, affordableFor })).rejects.toMatchObject({ code: 'TASKS_NOT_FOUND' });
});
