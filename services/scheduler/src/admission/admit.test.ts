import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openScene, type Scene, section } from '../../test/scene.ts';
import { syncTasks } from '../intake/sync-tasks.ts';
import { type AdmitOptions, admit } from './admit.ts';
import type { Affordability, Affordable } from './affordable.ts';
import { taskStates } from './candidates.ts';
import { retryTask } from './retry-task.ts';
import { startRun } from './start-run.ts';

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
const tick = (options: Partial<AdmitOptions> = {}) => admit({ ...scene, affordable: rich, ...options });
const keysOf = ({ admitted }: Awaited<ReturnType<typeof admit>>) => admitted.map(({ taskKey }) => taskKey);
const settle = (taskKey: string, state: string) =>
  scene.db.run.updateMany({
    where: { task: { key: taskKey }, state: 'baselining' },
    data: { state, endedAt: new Date() },
  });

describe('admission', () => {
  it('writes run, first stage run, outbox row and event', async () => {
    const { commit } = await given(section('a', { PRIORITY: 'high' }));
    const { admitted, skipped } = await tick();
    expect(skipped).toEqual([]);
    const run = await scene.db.run.findUniqueOrThrow({
      where: { id: admitted[0]?.runId as string },
      include: { stageRuns: true, events: true },
    });
    expect(run).toMatchObject({
      taskRevision: 1,
      number: 1,
      state: 'baselining',
      round: 1,
      baseCommit: commit,
      branch: 'ai/a',
      priority: 2,
      stageRuns: [{ stage: 'baseline', round: 1, state: 'pending', generation: 1 }],
      events: [
        {
          type: 'run.started',
          data: { task: 'a', title: 'Title of a', baseCommit: commit, branch: 'ai/a', number: 1 },
        },
      ],
    });
    expect(await scene.db.outbox.findMany()).toMatchObject([
      { stageRunId: run.stageRuns[0]?.id, generation: 1, queue: 'validator' },
    ]);
  });

  it('goes by priority, then by the order of the file, as many as a tick may start', async () => {
    await given(
      section('low', { PRIORITY: 'low' }) + section('m1') + section('m2') + section('high', { PRIORITY: 'high' }),
    );
    const first = await tick({ limit: 3 });
    expect(keysOf(first)).toEqual(['high', 'm1', 'm2']);
    expect(first.skipped).toEqual([
      { taskKey: 'low', code: 'TURN', reason: 'A tick starts 3 task(s) at most, and others come first.' },
    ]);
    expect(keysOf(await tick())).toEqual(['low']);
    expect(await tick()).toEqual({ admitted: [], skipped: [] });
  });

  it('starts nothing while a run waits for a person to put the machine right, and says so', async () => {
    await given(section('a') + section('b'));
    await tick();
    const detail = { message: 'No sandbox: bwrap is not installed.' };
    await scene.db.stageRun.updateMany({ data: { parkedReason: 'sandbox', parkedDetail: detail } });
    expect((await tick()).skipped).toEqual([
      { taskKey: 'b', code: 'MACHINE', reason: '"a" waits for you: No sandbox: bwrap is not installed.' },
    ]);
    await scene.db.stageRun.updateMany({ data: { parkedReason: null } });
    expect(keysOf(await tick())).toEqual(['b']);
  });

  it('starts a task once for each text', async () => {
    await given(section('a'));
    await tick();
    await settle('a', 'in_review');
    expect(keysOf(await tick())).toEqual([]);
    await given(section('a', {}, 'Otherwise.'));
    expect(keysOf(await tick())).toEqual(['a']);
    expect(
      await scene.db.run.findMany({ orderBy: { taskRevision: 'asc' }, select: { taskRevision: true, number: true } }),
    ).toEqual([
      { taskRevision: 1, number: 1 },
      { taskRevision: 2, number: 1 },
    ]);
  });

  it('waits with an edited task until the run of the earlier text has stopped', async () => {
    await given(section('a'));
    await tick();
    await given(section('a', {}, 'Otherwise.'));
    expect((await tick()).skipped).toMatchObject([{ taskKey: 'a', code: 'ACTIVE' }]);
    await settle('a', 'cancelled');
    expect(keysOf(await tick())).toEqual(['a']);
  });

  it('does not start again what another scheduler has started and ended since it was looked at', async () => {
    await given(section('a'));
    const [task] = await taskStates(scene.db, scene.repository.id);
    await tick();
    await settle('a', 'failed');
    const start = { repository: scene.repository, task: task as NonNullable<typeof task>, branchPrefix: 'ai/' };
    expect(await startRun(scene.db, start)).toBeNull();
    expect(await scene.db.run.count()).toBe(1);
  });

  it('starts only the task that was named', async () => {
    await given(section('a', { PRIORITY: 'high' }) + section('b'));
    expect(keysOf(await tick({ only: 'b' }))).toEqual(['b']);
    await expect(tick({ only: 'c' })).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
  });

  it('leaves blocked tasks and paused repositories alone, and says so', async () => {
    await given(section('a', { STATUS: 'blocked' }) + section('b'));
    await scene.db.repository.update({ where: { id: scene.repository.id }, data: { paused: true } });
    expect((await tick()).skipped.map(({ code }) => code)).toEqual(['PAUSED', 'PAUSED']);
    await scene.db.repository.update({ where: { id: scene.repository.id }, data: { paused: false } });
    expect(await tick()).toMatchObject({ admitted: [{ taskKey: 'b' }], skipped: [{ taskKey: 'a', code: 'BLOCKED' }] });
  });

  it('starts a blocked task that a person approved, for the text that it has then', async () => {
    await given(section('a', { STATUS: 'blocked' }));
    await scene.db.task.updateMany({ where: { key: 'a' }, data: { approvedRevision: 1 } });
    expect(keysOf(await tick())).toEqual(['a']);
    await settle('a', 'in_review');
    await given(section('a', { STATUS: 'blocked' }, 'Something else.'));
    expect((await tick()).skipped).toMatchObject([{ taskKey: 'a', code: 'BLOCKED' }]);
  });

  it('does not start what a person approved while there is a mistake in it', async () => {
    await given(section('a'));
    await given(section('a', { PRIORITY: 'soon' }) + section('b', { STATUS: 'blocked' }));
    await scene.db.task.updateMany({ data: { approvedRevision: 1 } });
    expect(await tick({ limit: 9 })).toMatchObject({
      admitted: [{ taskKey: 'b' }],
      skipped: [{ taskKey: 'a', code: 'BLOCKED' }],
    });
    await given(section('a') + section('b', { STATUS: 'blocked' }));
    expect(keysOf(await tick({ limit: 9 }))).toEqual(['a']);
  });

  it('leaves out what a person skipped, until its text changes or it is asked for', async () => {
    await given(section('a') + section('b'));
    await scene.db.task.updateMany({ data: { skippedRevision: 1 } });
    expect((await tick({ limit: 9 })).skipped.map(({ code, reason }) => [code, /left it out/.test(reason)])).toEqual([
      ['BLOCKED', true],
      ['BLOCKED', true],
    ]);
    await retryTask(scene.db, { repositoryId: scene.repository.id, taskKey: 'b' });
    await given(section('a', {}, 'Something else.') + section('b'));
    expect(keysOf(await tick({ limit: 9 }))).toEqual(['a', 'b']);
  });

  it('never starts a task twice, whoever else admits at the same time', async () => {
    await given(Array.from({ length: 10 }, (_, i) => section(`t${i}`)).join(''));
    const results = await Promise.all(Array.from({ length: 6 }, () => tick({ limit: 10 })));
    const started = results.flatMap(keysOf);
    expect(started.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => `t${i}`).toSorted());
    expect(await scene.db.run.count()).toBe(10);
    expect(await scene.db.outbox.count()).toBe(10);
    expect(await scene.db.event.count({ where: { type: 'run.started' } })).toBe(10);
  });

  it('starts no more than one tick would when two schedulers tick at once', async () => {
    await given(Array.from({ length: 6 }, (_, i) => section(`t${i}`)).join(''));
    // Both have read the same tasks before either starts one.
    let waiting = 0;
    let go = () => {};
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    const meet: Affordable = async () => {
      waiting += 1;
      if (waiting === 2) go();
      await both;
      return { kind: 'AFFORDABLE' };
    };
    const results = await Promise.all([tick({ affordable: meet }), tick({ affordable: meet })]);
    expect(results.flatMap(keysOf)).toEqual(['t0']);
    expect(results.flatMap(({ skipped }) => skipped).filter(({ code }) => code === 'TAKEN')).toHaveLength(1);
  });
});

describe('dependencies', () => {
  it('starts a task when everything that it depends on is published or merged', async () => {
    await given(section('a') + section('b') + section('c', { DEPENDS_ON: 'a, b', PRIORITY: 'high' }));
    const first = await tick({ limit: 5 });
    expect(keysOf(first)).toEqual(['a', 'b']);
    expect(first.skipped).toEqual([
      {
        taskKey: 'c',
        code: 'DEPENDENCY',
        reason: 'It depends on "a", which has not started and "b", which has not started.',
      },
    ]);
    await settle('a', 'in_review');
    expect((await tick()).skipped[0]?.reason).toBe('It depends on "b", which is being worked on.');
    await settle('b', 'merged');
    expect(keysOf(await tick())).toEqual(['c']);
  });

  it('says what to do about a dependency that failed', async () => {
    await given(section('a') + section('b', { DEPENDS_ON: 'a' }));
    await tick();
    await settle('a', 'rejected');
    expect((await tick()).skipped[0]?.reason).toBe(
      'It depends on "a", which did not pass; another try: orchestrator run --task a.',
    );
  });

  it('goes by the latest run of a dependency', async () => {
    await given(section('a') + section('b', { DEPENDS_ON: 'a' }));
    await tick();
    await settle('a', 'in_review');
    await given(section('a', {}, 'Otherwise.') + section('b', { DEPENDS_ON: 'a' }));
    await tick({ only: 'a' });
    await settle('a', 'rejected');
    expect((await tick()).skipped).toMatchObject([{ taskKey: 'b', code: 'DEPENDENCY' }]);
    await retryTask(scene.db, { repositoryId: scene.repository.id, taskKey: 'a' });
    await tick();
    await settle('a', 'merged');
    expect(keysOf(await tick())).toEqual(['b']);
  });

  it('takes a ticked box for a dependency that is met', async () => {
    await given('- [x] one <!-- TASK_ID: one -->\n- [ ] two <!-- TASK_ID: two --> <!-- TASK_DEPENDS_ON: one -->\n');
    expect(keysOf(await tick())).toEqual(['two']);
  });

  it('waits for a dependency that has a mistake in the file', async () => {
    await given(section('a', { PRIORITY: 'urgent' }) + section('b', { DEPENDS_ON: 'a' }));
    expect((await tick()).skipped).toMatchObject([
      { taskKey: 'b', code: 'DEPENDENCY', reason: expect.stringContaining('"a"') },
    ]);
  });
});

describe('money', () => {
  const until = new Date('2031-01-01T00:00:00Z');
  const priced =
    (answers: Record<string, Affordability>): Affordable =>
    async ({ key }) =>
      answers[key] ?? { kind: 'AFFORDABLE' };

  it('lets a cheaper task go first where this window cannot pay for the better one', async () => {
    await given(section('dear', { PRIORITY: 'high' }) + section('cheap'));
    const result = await tick({
      affordable: priced({ dear: { kind: 'WAIT_WINDOW', until, reason: 'The window is spent.' } }),
    });
    expect(result).toMatchObject({
      admitted: [{ taskKey: 'cheap' }],
      skipped: [{ taskKey: 'dear', code: 'BUDGET', reason: 'The window is spent.', until }],
    });
  });

  it('keeps the place of a better task whose money is about to come back', async () => {
    await given(section('dear', { PRIORITY: 'high' }) + section('cheap'));
    const result = await tick({
      affordable: priced({ dear: { kind: 'WAIT_SETTLING', until, reason: 'Calls are in flight.' } }),
    });
    expect(result).toMatchObject({
      admitted: [],
      skipped: [
        { taskKey: 'dear', code: 'BUDGET' },
        { taskKey: 'cheap', code: 'TURN', reason: expect.stringContaining('"dear" comes first') },
      ],
    });
  });

  it('names a task that no window can ever pay for', async () => {
    await given(section('huge', { PRIORITY: 'high' }) + section('small'));
    const result = await tick({
      affordable: priced({
        huge: { kind: 'NEVER_FITS', until: null, reason: 'It may cost $40, more than any window has.' },
      }),
    });
    expect(result).toMatchObject({
      admitted: [{ taskKey: 'small' }],
      skipped: [{ taskKey: 'huge', code: 'NEVER_FITS' }],
    });
  });

  it('does not ask for the price of thousands of tasks when the money is spent', async () => {
    await given(Array.from({ length: 300 }, (_, i) => section(`t${i}`)).join(''));
    let asked = 0;
    const result = await tick({
      affordable: async () => {
        asked += 1;
        return { kind: 'WAIT_WINDOW', until, reason: 'The window is spent.' };
      },
    });
    expect(asked).toBe(100);
    expect(result.skipped).toHaveLength(300);
  });
});
