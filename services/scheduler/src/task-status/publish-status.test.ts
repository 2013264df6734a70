import { beforeEach, describe, expect, test } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();
const FILE = 'docs/PLUGIN-TASKS.md';
const tasks = (result = '') =>
  `# Tasks\r\n\r\nProse – of  ours.\r\n\r\n## Task: A\r\n<!-- TASK_ID: greet -->${result}\r\nDo it.\r\n`;
const RESULT = ' <!-- TASK_RESULT: in review, #1, $0.0000 -->';
const given = async (mode: string) => {
  await use.db.task.update({ where: { id: use.scene.taskId }, data: { key: 'greet' } });
  await use.scene.commitToMain({ 'orchestrator.yaml': `tasks: { writeStatus: ${mode} }\n`, [FILE]: tasks() });
};
const fileAt = (branch: string): string => {
  use.scene.person.git('fetch', '--quiet', 'origin');
  return `${use.scene.person.git('show', `origin/${branch}:${FILE}`)}\n`;
};
const branchAt = (branch: string): string => {
  use.scene.person.git('fetch', '--quiet', 'origin');
  return use.scene.person.git('rev-parse', `origin/${branch}`);
};
const statusPulls = () => use.scene.server.pulls.filter(({ head }) => head === 'ai/task+status');

describe('by a commit', () => {
  beforeEach(() => given('commit'));

  test('the result is in the file, and nothing else is different', async () => {
    const before = branchAt('main');
    await use.scene.writeStatus();
    expect(fileAt('main')).toBe(tasks(RESULT));
    expect(use.scene.person.git('log', '--format=%P', '-1', 'origin/main')).toBe(before);
    expect(use.scene.person.git('diff', '--name-only', before, 'origin/main')).toBe(FILE);
    const after = branchAt('main');
    await use.scene.writeStatus();
    expect(branchAt('main')).toBe(after);
  });

  test('by several schedulers at once there is one commit', async () => {
    const before = branchAt('main');
    await Promise.all([use.scene.writeStatus(), use.scene.writeStatus(), use.scene.writeStatus()]);
    use.scene.person.git('fetch', '--quiet', 'origin');
    expect(use.scene.person.git('rev-list', '--count', `${before}..origin/main`)).toBe('1');
  });

  test('what people commit meanwhile is kept: it is tried again on top of it', async () => {
    use.scene.person.git('checkout', '--quiet', 'main');
    const theirs = use.scene.person.commit({ 'theirs.txt': 'theirs\n' });
    use.scene.person.git('push', '--quiet', 'origin', 'main');
    await use.scene.writeStatus();
    expect(branchAt('main')).toBe(theirs);
    await use.scene.refresh();
    await use.scene.writeStatus();
    expect(fileAt('main')).toBe(tasks(RESULT));
    expect(use.scene.person.git('rev-parse', 'origin/main~1')).toBe(theirs);
  });
});

describe('by a pull request', () => {
  beforeEach(() => given('pull-request'));

  test('there is one, which is updated in place', async () => {
    const before = branchAt('main');
    await use.scene.writeStatus();
    await use.scene.writeStatus();
    expect(statusPulls()).toMatchObject([{ state: 'open', base: 'main' }]);
    expect(branchAt('main')).toBe(before);
    expect(fileAt('ai/task+status')).toBe(tasks(RESULT));
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'failed', endCode: 'CRASHED' } });
    await use.scene.writeStatus();
    expect(statusPulls()).toHaveLength(1);
    expect(fileAt('ai/task+status')).toContain('TASK_RESULT: failed, #1, CRASHED, ');
    expect(use.scene.person.git('rev-list', '--count', `${before}..origin/ai/task+status`)).toBe('1');
  });

  test('closed means no, until there is something else to tell', async () => {
    await use.scene.writeStatus();
    await use.scene.server.people.close(statusPulls()[0]?.number as number);
    await use.scene.writeStatus();
    expect(statusPulls()).toHaveLength(1);
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'failed', endCode: 'CRASHED' } });
    await use.scene.writeStatus();
    expect(statusPulls().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('a commit of somebody else on its branch is left alone', async () => {
    await use.scene.writeStatus();
    use.scene.person.git('fetch', '--quiet', 'origin');
    use.scene.person.git('checkout', '--quiet', '-B', 'ai/task+status', 'origin/ai/task+status');
    const theirs = use.scene.person.commit({ 'theirs.txt': 'theirs\n' });
    use.scene.person.git('push', '--quiet', 'origin', 'ai/task+status');
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'failed', endCode: 'CRASHED' } });
    await use.scene.writeStatus();
    expect(branchAt('ai/task+status')).toBe(theirs);
  });

  test('once it is merged nothing is left to tell', async () => {
    await use.scene.writeStatus();
    await use.scene.server.people.merge(statusPulls()[0]?.number as number);
    await use.scene.refresh();
    await use.scene.writeStatus();
    expect(statusPulls()).toHaveLength(1);
    expect(fileAt('main')).toBe(tasks(RESULT));
  });
});

test('is not done unless it is asked for', async () => {
  await given('off');
  const before = branchAt('main');
  await use.scene.writeStatus();
  expect(branchAt('main')).toBe(before);
  expect(statusPulls()).toEqual([]);
});
