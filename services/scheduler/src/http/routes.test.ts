import { randomUUID } from 'node:crypto';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openScene, type Scene, section } from '../../test/scene.ts';
import { tickOnce } from '../tick.ts';
import { buildApp } from './app.ts';

/** Nothing of the API may need the queue. */
const down = (): never => {
  throw new AppError('QUEUE_UNAVAILABLE', { reason: 'down' });
};

let scene: Scene;
let app: Awaited<ReturnType<typeof buildApp>>;
beforeAll(async () => {
  scene = await openScene();
  app = await buildApp({
    db: scene.db,
    log: sink().log,
    transport: { inspect: down, hasMark: down },
    token: undefined,
  });
});
afterAll(async () => {
  await app.close();
  await scene.close();
});

async function ask(method: 'GET' | 'POST', path: string, body?: object) {
  const answer = await app.inject({
    method,
    url: `/api${path}`,
    ...(body ? { payload: body } : {}),
    headers: { host: 'localhost' },
  });
  return { status: answer.statusCode, body: answer.json() };
}

it('adds a repository, and has its task file read at once', async () => {
  const added = await ask('POST', '/repositories', { repository: scene.git.path });
  expect(added).toMatchObject({ status: 202, body: { id: scene.repository.id, name: 'project' } });
  expect(await scene.db.schedule.count({ where: { name: `tick:${scene.repository.id}` } })).toBe(1);
  expect((await ask('GET', '/repositories')).body.repositories).toMatchObject([{ url: scene.git.path, paused: false }]);
  expect(await ask('POST', '/repositories', { repository: '/nowhere/at/all' })).toMatchObject({
    status: 422,
    body: { title: 'REPO_NOT_FOUND' },
  });
});

it('has a repository read now, paused and resumed', async () => {
  const { id } = scene.repository;
  await scene.db.schedule.updateMany({ data: { nextRunAt: new Date(Date.now() + 3_600_000) } });
  expect((await ask('POST', `/repositories/${id}/tick`)).status).toBe(202);
  const { nextRunAt } = await scene.db.schedule.findFirstOrThrow();
  expect(nextRunAt.getTime()).toBeLessThan(Date.now() + 60_000);
  expect((await ask('POST', `/repositories/${id}/pause`)).body).toEqual({ paused: true, changed: true });
  expect((await ask('GET', '/repositories')).body.repositories).toMatchObject([{ id, paused: true }]);
  expect((await ask('POST', `/repositories/${id}/resume`)).body).toMatchObject({ paused: false, changed: true });
  expect((await ask('POST', `/repositories/${randomUUID()}/tick`)).body.title).toBe('REPO_UNKNOWN');
});

it('lists tasks and runs, shows a run with its stages, and cancels it', async () => {
  scene.tasks(section('first_001') + section('second_001'));
  const { admitted } = await tickOnce(scene);
  const run = admitted[0]?.runId as string;
  const { tasks } = (await ask('GET', '/tasks')).body;
  expect(tasks).toMatchObject([
    { task: 'first_001', repository: scene.git.path, active: true, runState: 'baselining' },
    { task: 'second_001', active: false, runState: null, wantsRun: true },
  ]);
  expect((await ask('GET', '/runs?state=baselining')).body.runs).toMatchObject([
    { run, spentNanoUsd: '0', stage: 'baseline' },
  ]);
  expect((await ask('GET', '/runs?state=coding')).body.runs).toEqual([]);
  expect((await ask('GET', `/runs/${run}`)).body).toMatchObject({
    run,
    stages: [{ stage: 'baseline', state: 'pending', attempts: [] }],
  });
  expect(await ask('POST', `/runs/${run}/cancel`)).toMatchObject({ status: 202, body: { run, stopping: true } });
  expect((await scene.db.run.findUniqueOrThrow({ where: { id: run } })).cancelRequestedAt).not.toBeNull();
  expect((await ask('POST', `/runs/${run}/cancel`)).body.stopping).toBe(false);
  expect((await ask('POST', `/runs/${randomUUID()}/cancel`)).body.title).toBe('RUN_UNKNOWN');
});

it('asks for another run of a task, but not while one is in progress', async () => {
  const { taskId, runId } = await seedRun(scene.db);
  expect(await ask('POST', `/tasks/${taskId}/retry`)).toMatchObject({ status: 409, body: { title: 'USAGE' } });
  await scene.db.run.update({ where: { id: runId }, data: { state: 'failed', endedAt: new Date() } });
  expect(await ask('POST', `/tasks/${taskId}/retry`)).toMatchObject({ status: 202, body: { result: 'asked' } });
  expect((await scene.db.task.findUniqueOrThrow({ where: { id: taskId } })).retryRequestedAt).not.toBeNull();
  expect((await ask('POST', `/tasks/${randomUUID()}/retry`)).body.title).toBe('TASK_UNKNOWN');
});

it('pauses and resumes everything, a queue and a run, with the reason on record', async () => {
  const { runId } = await seedRun(scene.db);
  for (const [path, subject] of [
    ['', { kind: 'system' }],
    ['/queues/coder', { kind: 'queue', queue: 'coder' }],
    [`/runs/${runId}`, { kind: 'run', runId }],
  ] as const) {
    const pauseIt = () => ask('POST', `${path}/pause`, { reason: 'maintenance' });
    expect((await pauseIt()).body).toEqual({ paused: true, changed: true });
    expect((await pauseIt()).body).toEqual({ paused: true, changed: false });
    expect((await ask('POST', `${path}/resume`)).body).toEqual({ paused: false, changed: true, announced: 0 });
    const record = await scene.db.intervention.findFirstOrThrow({
      where: { action: 'pause' },
      orderBy: { id: 'desc' },
    });
    expect(record).toMatchObject({ actor: 'api', reason: 'maintenance', subject });
  }
  expect((await ask('POST', '/queues/none/pause')).status).toBe(400);
  expect((await ask('POST', `/runs/${randomUUID()}/pause`)).body.title).toBe('RUN_UNKNOWN');
});

it('lists dead stages, and replays them by filter', async () => {
  const seeded = await Promise.all([seedRun(scene.db, { stage: 'code' }), seedRun(scene.db, { stage: 'validate' })]);
  for (const { stageRunId, runId } of seeded) {
    await scene.db.stageRun.update({ where: { id: stageRunId }, data: { state: 'dead', endedAt: new Date() } });
    await scene.db.run.update({
      where: { id: runId },
      data: { state: 'failed', endedAt: new Date(), endCode: 'CRASHED' },
    });
  }
  const [code, validate] = seeded;
  expect((await ask('GET', '/dead-stages?code=CRASHED')).body.stages).toHaveLength(2);
  const answer = await ask('POST', '/dead-stages/replay', { stage: 'code', reason: 'more memory' });
  expect(answer).toMatchObject({ status: 200, body: { replayed: [{ stageRunId: code?.stageRunId }], refused: [] } });
  expect(await scene.db.run.findUnique({ where: { id: code?.runId ?? '' } })).toMatchObject({ state: 'coding' });
  expect((await ask('GET', '/dead-stages')).body.stages).toMatchObject([{ stageRunId: validate?.stageRunId }]);
  expect((await ask('POST', '/dead-stages/replay', { stage: 'none' })).status).toBe(400);
});

it('ranks a run', async () => {
  const { runId } = await seedRun(scene.db);
  expect((await ask('POST', `/runs/${runId}/priority`, { priority: 50 })).body).toEqual({ run: runId, changed: true });
  expect(await scene.db.run.findUnique({ where: { id: runId } })).toMatchObject({ priority: 50 });
  expect((await ask('POST', `/runs/${runId}/priority`, { priority: 5_000 })).status).toBe(400);
});

it('counts what there is to do by stage, from the database', async () => {
  await scene.db.$executeRaw`TRUNCATE outbox, stage_attempt, stage_run, run, task CASCADE`;
  const ready = await seedRun(scene.db, { stage: 'validate' });
  const later = await seedRun(scene.db, { stage: 'validate' });
  const dead = await seedRun(scene.db, { stage: 'code' });
  const superseded = await seedRun(scene.db, { stage: 'code' });
  const set = (id: string, data: object) => scene.db.stageRun.update({ where: { id }, data });
  await set(ready.stageRunId, { availableAt: new Date(Date.now() - 90_000) });
  await set(later.stageRunId, { availableAt: new Date(Date.now() + 90_000) });
  await set(dead.stageRunId, { state: 'dead' });
  await set(superseded.stageRunId, { state: 'dead' });
  await scene.db.run.update({ where: { id: superseded.runId }, data: { state: 'failed' } });
  await scene.db.run.create({
    data: {
      taskId: superseded.taskId,
      taskRevision: 1,
      number: 2,
      state: 'merged',
      baseCommit: '0'.repeat(40),
      createdAt: new Date(Date.now() + 1_000),
    },
  });
  await scene.db.queueControl.update({ where: { queue: 'notifier' }, data: { paused: true } });
  const { queues } = (await ask('GET', '/queues')).body;
  const stages = Object.fromEntries(
    queues.flatMap((queue: { stages: { stage: string }[] }) => queue.stages.map((stage) => [stage.stage, stage])),
  );
  expect(stages.validate).toMatchObject({ ready: 1, waiting: 1, running: 0, dead: 0 });
  expect(stages.validate.oldestReadySeconds).toBeGreaterThan(80);
  expect(stages.code).toMatchObject({ ready: 0, dead: 1, oldestReadySeconds: null });
  expect(queues.find(({ queue }: { queue: string }) => queue === 'notifier')).toMatchObject({ paused: true });
});
