import { cancelRun } from '@orchestrator/shared/pipeline/control/cancel.ts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openScene, type Scene, section } from '../../test/scene.ts';
import { syncTasks } from '../intake/sync-tasks.ts';
import { admit } from './admit.ts';
import type { Affordable } from './affordable.ts';
import { retryTask } from './retry-task.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(async () => {
  const { db } = scene;
  await db.$executeRaw`TRUNCATE event, outbox, stage_run, run, task, setting CASCADE`;
  await db.repository.updateMany({ data: { paused: false } });
});

const rich: Affordable = async () => ({ kind: 'AFFORDABLE' });

async function given(text: string) {
  scene.tasks(text);
  const mirror = await scene.repositories.mirror(scene.git.path);
  await mirror.refresh();
  return syncTasks({ ...scene, mirror });
}
const tick = () => admit({ ...scene, affordable: rich });
const keysOf = ({ admitted }: Awaited<ReturnType<typeof admit>>) => admitted.map(({ taskKey }) => taskKey);
const settle = (taskKey: string, state: string) =>
  scene.db.run.updateMany({
    where: { task: { key: taskKey }, state: 'baselining' },
    data: { state, endedAt: new Date() },
  });

it('runs a task again when a person asks for it', async () => {
  await given(section('a'));
  await tick();
  const of = { repositoryId: scene.repository.id, taskKey: 'a' };
  await expect(retryTask(scene.db, of)).rejects.toMatchObject({ code: 'USAGE' });
  await settle('a', 'failed');
  expect(keysOf(await tick())).toEqual([]);
  expect(await retryTask(scene.db, of)).toBe('asked');
  expect((await tick()).admitted).toMatchObject([{ taskKey: 'a', number: 2 }]);
  expect(keysOf(await tick())).toEqual([]);
  await settle('a', 'failed');
  expect(keysOf(await tick())).toEqual([]);
  await expect(retryTask(scene.db, { ...of, taskKey: 'x' })).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
});

it('asks a run to stop once, and only while it is going on', async () => {
  await given(section('a'));
  const runId = (await tick()).admitted[0]?.runId as string;
  expect(await cancelRun(scene.db, runId, { actor: 'test' })).toBe(true);
  expect(await cancelRun(scene.db, runId, { actor: 'test' })).toBe(false);
  await settle('a', 'cancelled');
  await scene.db.run.update({ where: { id: runId }, data: { cancelRequestedAt: null } });
  expect(await cancelRun(scene.db, runId, { actor: 'test' })).toBe(false);
});
