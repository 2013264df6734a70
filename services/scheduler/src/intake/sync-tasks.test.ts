import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openScene, type Scene, section, TASK_FILE } from '../../test/scene.ts';
import { syncTasks } from './sync-tasks.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(async () => {
  const { db } = scene;
  await db.event.deleteMany();
  await db.run.deleteMany();
  await db.task.deleteMany();
  await db.setting.deleteMany();
});

async function sync() {
  const mirror = await scene.repositories.mirror(scene.git.path);
  await mirror.refresh();
  return syncTasks({ ...scene, mirror });
}
const rows = () => scene.db.task.findMany({ orderBy: { position: 'asc' } });
const byKey = async (key: string) => (await rows()).find((row) => row.key === key);

/** A run of a task as it stands, without stages. */
async function runOf(key: string, state: string, revision = 1, number = 1) {
  const task = await scene.db.task.findFirstOrThrow({ where: { key } });
  return scene.db.run.create({
    data: { taskId: task.id, taskRevision: revision, number, state, baseCommit: '0'.repeat(40) },
  });
}
const cancelAsked = async (id: string) =>
  (await scene.db.run.findUniqueOrThrow({ where: { id } })).cancelRequestedAt !== null;

describe('mirroring', () => {
  it('writes every column of a new task and the commit that it was read at', async () => {
    const commit = scene.tasks(
      `${section('first')}## Task: Second <!-- TASK_ID: second -->
<!-- TASK_PRIORITY: high -->
<!-- TASK_MODULE: core -->
<!-- TASK_LANGUAGE: java -->
<!-- TASK_DEPENDS_ON: first -->
<!-- TASK_BUDGET_USD: 0.25 -->
<!-- TASK_STATUS: blocked -->
### Success Criteria
- works
### Related Documentation
- docs/a.md
`,
    );
    expect(await sync()).toMatchObject({ commit, branch: 'main', added: 2, revised: 0, removed: 0, problems: [] });
    expect(await byKey('second')).toMatchObject({
      title: 'Second',
      revision: 1,
      status: 'blocked',
      priority: 'high',
      module: 'core',
      language: 'java',
      dependsOn: ['first'],
      criteria: ['works'],
      documents: ['docs/a.md'],
      budgetNanoUsd: 250_000_000n,
      file: TASK_FILE,
      line: 6,
      position: 1,
    });
    const repository = await scene.db.repository.findUniqueOrThrow({ where: { id: scene.repository.id } });
    expect(repository).toMatchObject({ headCommit: commit, defaultBranch: 'main' });
  });

  it('changes nothing when nothing changed', async () => {
    scene.tasks(section('a') + section('b', { PRIORITY: 'urgent' }));
    const { commit, problems } = await sync();
    const before = await rows();
    expect(await sync()).toEqual({
      commit,
      branch: 'main',
      problems,
      added: 0,
      revised: 0,
      removed: 0,
      restored: 0,
      cancelled: 0,
    });
    scene.git.commit({ 'README.md': 'Other.' });
    expect(await sync()).toMatchObject({ added: 0, revised: 0, removed: 0, restored: 0, cancelled: 0 });
    expect(await rows()).toEqual(before);
  });

  it('reads the file again after another process has read another commit', async () => {
    scene.tasks(section('a'));
    await sync();
    await scene.db.repository.update({ where: { id: scene.repository.id }, data: { headCommit: '0'.repeat(40) } });
    await scene.db.task.updateMany({ data: { priority: 'low' } });
    await sync();
    expect(await byKey('a')).toMatchObject({ priority: 'medium' });
  });

  it('counts an edited text as a new revision and stops the run of the old one', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    const [edited, other] = [await runOf('a', 'coding'), await runOf('b', 'coding')];
    scene.tasks(section('a', {}, 'Do it another way.') + section('b'));
    expect(await sync()).toMatchObject({ added: 0, revised: 1, removed: 0, cancelled: 1 });
    expect(await byKey('a')).toMatchObject({ revision: 2, body: 'Do it another way.' });
    expect(await byKey('b')).toMatchObject({ revision: 1 });
    expect(await cancelAsked(edited.id)).toBe(true);
    expect(await cancelAsked(other.id)).toBe(false);
  });

  it('takes a new priority over without a new revision', async () => {
    scene.tasks(section('a'));
    await sync();
    const run = await runOf('a', 'coding');
    scene.tasks(section('a', { PRIORITY: 'high' }));
    expect(await sync()).toMatchObject({ revised: 0, cancelled: 0 });
    expect(await byKey('a')).toMatchObject({ revision: 1, priority: 'high' });
    expect(await cancelAsked(run.id)).toBe(false);
  });

  it('removes a task that is gone, and brings it back for another run', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    const run = await runOf('b', 'coding');
    scene.tasks(section('a'));
    expect(await sync()).toMatchObject({ removed: 1, cancelled: 1 });
    expect(await byKey('b')).toMatchObject({ status: 'removed', retryRequestedAt: null });
    expect(await cancelAsked(run.id)).toBe(true);

    scene.tasks(section('a') + section('b'));
    expect(await sync()).toMatchObject({ added: 0, revised: 0, restored: 1, removed: 0 });
    expect(await byKey('b')).toMatchObject({ status: 'ready', revision: 1, retryRequestedAt: expect.any(Date) });
  });

  it('does not work again on a task that comes back after it was merged', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    const run = await runOf('b', 'coding');
    scene.tasks(section('a'));
    await sync();
    expect(await cancelAsked(run.id)).toBe(true);
    // The request came too late.
    await scene.db.run.update({ where: { id: run.id }, data: { state: 'merged' } });
    scene.tasks(section('a') + section('b'));
    await sync();
    expect(await byKey('b')).toMatchObject({ status: 'ready', retryRequestedAt: null });
  });

  it('stops the run of an entry whose box was ticked', async () => {
    scene.tasks('- [ ] one\n- [ ] two\n');
    await sync();
    const run = await runOf((await rows())[0]?.key as string, 'analyzing');
    scene.tasks('- [x] one\n- [ ] two\n');
    expect(await sync()).toMatchObject({ removed: 0, cancelled: 1 });
    expect((await rows())[0]).toMatchObject({ status: 'done' });
    expect(await cancelAsked(run.id)).toBe(true);
  });

  it('leaves runs alone whose work is published', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    const run = await runOf('b', 'in_review');
    scene.tasks(section('a'));
    await sync();
    expect(await cancelAsked(run.id)).toBe(false);
  });

  it('mirrors 10,000 tasks, and their edits', async () => {
    const text = (word: string) =>
      Array.from({ length: 10_000 }, (_, i) => section(`t${i}`, {}, i % 100 === 0 ? word : 'Do it.')).join('');
    scene.tasks(text('first'));
    expect(await sync()).toMatchObject({ added: 10_000 });
    scene.tasks(text('second'));
    expect(await sync()).toMatchObject({ added: 0, revised: 100, removed: 0 });
    expect(await scene.db.task.count({ where: { revision: 2 } })).toBe(100);
  });
});

describe('mistakes', () => {
  const invalidEvents = () => scene.db.event.findMany({ where: { type: 'tasks.invalid' }, orderBy: { id: 'asc' } });

  it('blocks a task as long as it holds a mistake, and lets its run go on', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    const run = await runOf('b', 'coding');
    scene.tasks(section('a') + section('b', { PRIORITY: 'urgent' }));
    expect(await sync()).toMatchObject({
      removed: 0,
      cancelled: 0,
      problems: [{ code: 'PRIORITY_UNKNOWN', task: 'b', line: 8 }],
    });
    expect(await byKey('b')).toMatchObject({ status: 'blocked', revision: 1 });
    expect(await cancelAsked(run.id)).toBe(false);
    scene.tasks(section('a') + section('b', { PRIORITY: 'high' }));
    await sync();
    expect(await byKey('b')).toMatchObject({ status: 'ready', priority: 'high' });
  });

  it('tells about the same problems once, and about others again', async () => {
    const broken = section('a') + section('b', { PRIORITY: 'urgent' });
    scene.tasks(broken);
    await sync();
    scene.tasks(`A line more.\n\n${broken}`);
    await sync();
    expect(await invalidEvents()).toHaveLength(1);
    scene.tasks(broken + section('a'));
    await sync();
    const events = await invalidEvents();
    expect(events).toHaveLength(2);
    expect(events[1]?.data).toMatchObject({
      file: TASK_FILE,
      count: 2,
      problems: [{ code: 'PRIORITY_UNKNOWN' }, { code: 'ID_DUPLICATE', line: 13 }],
    });
    scene.tasks(section('a'));
    await sync();
    scene.tasks(broken);
    await sync();
    expect(await invalidEvents()).toHaveLength(3);
  });

  it('removes nothing where a part of the file cannot be read', async () => {
    scene.tasks(section('a') + section('b'));
    await sync();
    scene.tasks(`${section('c')}${section('a')}\`\`\`\n${section('b')}`);
    expect(await sync()).toMatchObject({ removed: 0, problems: [{ code: 'SECTION_UNCLOSED' }] });
    expect(await byKey('b')).toMatchObject({ status: 'ready' });
  });

  it('reports a file without any task that can run, with each problem and its line', async () => {
    scene.tasks('## Task: A\nText.\n');
    await expect(sync()).rejects.toMatchObject({
      code: 'TASKS_INVALID',
      exitCode: 3,
      message: expect.stringContaining(`${TASK_FILE}:1: Task "A" has no id.`),
    });
  });

  it.each([
    ['an empty file', ''],
    ['a file without tasks', '# Nothing yet\n'],
  ])('reports %s', async (_name, text) => {
    scene.tasks(section('a'));
    await sync();
    scene.tasks(text);
    await expect(sync()).rejects.toMatchObject({ code: 'TASKS_EMPTY', exitCode: 3 });
    expect(await byKey('a')).toMatchObject({ status: 'removed' });
  });

  it('reports a missing file and keeps the tasks as they were', async () => {
    scene.tasks(section('a'));
    await sync();
    scene.git.git('rm', '--quiet', TASK_FILE);
    scene.git.commit({});
    await expect(sync()).rejects.toMatchObject({ code: 'TASKS_NOT_FOUND', exitCode: 3 });
    expect(await byKey('a')).toMatchObject({ status: 'ready' });
  });
});
