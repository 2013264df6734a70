import { beforeEach, describe, expect, test } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();
const issue = () => {
  expect(use.scene.server.issues).toHaveLength(1);
  return use.scene.server.issues[0] as (typeof use.scene.server.issues)[number];
};
const writes = () =>
  use.scene.server.requests.filter(({ method, path }) => method !== 'GET' && /\/issues(\/\d+)?$/.test(path)).length;
const task = () => use.db.task.findUniqueOrThrow({ where: { id: use.scene.taskId } });
const tick = (by?: string) =>
  use.scene.server.people.editIssue(issue().number, (body) => body.replace('- [ ] ', '- [x] '), by);
const look = () => use.scene.lookAtIssue();

/** Its run has failed, so that it may be tried again. */
const failed = () =>
  use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'failed', endCode: 'ERRORS_EXHAUSTED' } });
/** The file's status of a task that has no run. */
async function untouched(status: 'ready' | 'blocked') {
  await use.db.pullRequest.deleteMany({ where: { runId: use.scene.runId } });
  await use.db.task.update({ where: { id: use.scene.taskId }, data: { status, revision: 2 } });
  await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'cancelled' } });
}

beforeEach(() => use.scene.commitToMain({ 'orchestrator.yaml': 'dashboard: { issue: true, title: Tasks }\n' }));

describe('the dashboard issue', () => {
  test('lists each task with its state and its pull request', async () => {
    const { key } = await task();
    await look();
    expect(issue()).toMatchObject({ title: 'Tasks', state: 'open', by: 'orchestrator[bot]' });
    expect(issue().body).toContain(`### In review\n\n- \`${key}\` A task (in review, #1)\n`);
  });

  test('is written anew only where something changed', async () => {
    await look();
    const before = writes();
    await look();
    use.scene.server.people.editIssue(issue().number, (body) => `A note of mine.\n${body}`);
    await look();
    expect(writes()).toBe(before);
    expect(issue().body).toMatch(/^A note of mine/);
    await failed();
    await look();
    expect(writes()).toBe(before + 1);
    expect(issue().body).toContain('(failed, ERRORS_EXHAUSTED');
  });

  test('is made once, by schedulers that look at once', async () => {
    await Promise.all([look(), look(), look()]);
    expect(issue().state).toBe('open');
  });

  test('is found again by a database that is new, and by one whose creation’s answer got lost', async () => {
    use.scene.server.faults.next([{ kind: 'lost-answer' }], { method: 'POST', path: /\/issues$/ });
    await look();
    expect(issue().number).toBe(2);
    await look();
    await use.db.setting.deleteMany({ where: { key: { startsWith: 'dashboard.issue:' } } });
    await look();
    expect(issue().number).toBe(2);
  });

  test('that a person closed is left alone until it is opened again', async () => {
    await look();
    use.scene.server.people.setIssue(2, 'closed');
    await failed();
    await look();
    await use.db.setting.deleteMany({ where: { key: { startsWith: 'dashboard.issue:' } } });
    await look();
    expect(issue()).toMatchObject({ state: 'closed', body: expect.stringContaining('In review') });
    use.scene.server.people.setIssue(2, 'open');
    await look();
    expect(issue().body).toContain('Needs you');
  });

  test('that was deleted is made anew', async () => {
    await look();
    use.scene.server.people.setIssue(2, 'deleted');
    await look();
    expect(issue().number).toBe(3);
  });

  test('is not made where nobody asked for it', async () => {
    await use.scene.commitToMain({ 'orchestrator.yaml': '{}\n' });
    await look();
    expect(use.scene.server.issues).toEqual([]);
  });

  test('shows titles as words', async () => {
    const title = 'Ping @everyone about #1 <img src=x> [a](http://b) `code`';
    await use.db.task.update({ where: { id: use.scene.taskId }, data: { title } });
    await look();
    expect(issue().body).not.toMatch(/@everyone|[^\\]<img|[^\\]\]\(http:| #1 /);
  });
});

describe('a box that is ticked', () => {
  test('by somebody who may write asks for another run, once, and is unticked', async () => {
    await failed();
    await look();
    tick();
    await look();
    expect((await task()).retryRequestedAt).not.toBeNull();
    expect(issue().body).not.toContain('[x]');
    await use.db.task.update({ where: { id: use.scene.taskId }, data: { retryRequestedAt: null } });
    await look();
    expect((await task()).retryRequestedAt).toBeNull();
    expect(await use.db.intervention.findMany({ where: { action: 'retry' } })).toMatchObject([
      { actor: 'github:maintainer', affected: 1 },
    ]);
    // The same wish, a second time.
    tick();
    await look();
    expect((await task()).retryRequestedAt).not.toBeNull();
  });

  test.each(['read', 'none'] as const)('by somebody whose permission is %s does nothing', async (permission) => {
    use.scene.server.people.permit('stranger', permission);
    await failed();
    await look();
    tick('stranger');
    await look();
    expect((await task()).retryRequestedAt).toBeNull();
    expect(issue().body).not.toContain('[x]');
  });

  test('acts once where taking the tick away fails', async () => {
    await failed();
    await look();
    tick();
    use.scene.server.faults.next([{ kind: 'reset' }, { kind: 'reset' }], { method: 'PATCH', path: /\/issues\/2$/ });
    await look();
    expect((await task()).retryRequestedAt).not.toBeNull();
    await use.db.task.update({ where: { id: use.scene.taskId }, data: { retryRequestedAt: null } });
    await look();
    await look();
    expect((await task()).retryRequestedAt).toBeNull();
    expect(issue().body).not.toContain('[x]');
  });

  test('before several schedulers acts once', async () => {
    await failed();
    await look();
    tick();
    await Promise.all([look(), look(), look()]);
    expect(
      await use.db.intervention.count({
        where: { action: 'retry', subject: { path: ['repositoryId'], equals: use.scene.repositoryId } },
      }),
    ).toBe(1);
  });

  test('lets a blocked task start, for its present text', async () => {
    await untouched('blocked');
    await look();
    expect(issue().body).toContain('Let it start');
    tick();
    await look();
    expect(await task()).toMatchObject({ approvedRevision: 2, status: 'blocked' });
    expect(issue().body).toContain('waiting for its turn');
  });

  test('leaves a waiting task out, until a person lets it start after all', async () => {
    await untouched('ready');
    await look();
    tick();
    await look();
    expect(await task()).toMatchObject({ skippedRevision: 2 });
    expect(issue().body).toContain('(skipped');
    tick();
    await look();
    expect(await task()).toMatchObject({ skippedRevision: null });
  });

  test('is not offered for a task with a mistake in the file', async () => {
    await untouched('blocked');
    await use.db.task.update({ where: { id: use.scene.taskId }, data: { mistaken: true } });
    await look();
    expect(issue().body).toContain('has a mistake');
    expect(issue().body).not.toContain('- [ ]');
  });
});
