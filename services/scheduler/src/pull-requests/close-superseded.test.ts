import { readMarker } from '@orchestrator/shared/github/pull-marker.ts';
import { describe, expect, test } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();
const pull = () => use.scene.server.pulls[0] as (typeof use.scene.server.pulls)[number];
const outcomes = async () => (await use.scene.outcomes()).map(({ result, cause }) => [result, cause]);
const removeTask = () => use.db.task.update({ where: { id: use.scene.taskId }, data: { status: 'removed' } });

describe('a pull request that nobody needs any more is closed, with the reason:', () => {
  const closed = async (reason: RegExp) => {
    await use.scene.look();
    await use.scene.look();
    expect(pull()).toMatchObject({ state: 'closed', mergedAt: null });
    expect(pull().body).toMatch(reason);
    expect(use.scene.server.comments.map(({ body }) => body)).toEqual([expect.stringMatching(reason)]);
    expect(await outcomes()).toEqual([['superseded', null]]);
    expect(await use.scene.state()).toMatchObject({
      run: 'cancelled',
      pull: 'closed',
      code: 'PULL_REQUEST_SUPERSEDED',
    });
  };

  test('its task was removed', async () => {
    await removeTask();
    await closed(/no longer in the task file/);
  });

  test('its task was ticked', async () => {
    await use.db.task.update({ where: { id: use.scene.taskId }, data: { status: 'done' } });
    await closed(/marked as done/);
  });

  test('its base holds the change already', async () => {
    await use.scene.commitToMain({ 'greet.js': '1\n', 'other.txt': 'theirs\n' });
    await closed(/holds the change already/);
  });

  test('another pull request of the task took over', async () => {
    const { task, id: runId } = (await use.scene.state()).row;
    await use.db.task.update({ where: { id: task.id }, data: { key: 'greet' } });
    await use.db.pullRequest.create({
      data: {
        repositoryId: use.scene.repositoryId,
        runId,
        taskKey: 'greet',
        branch: 'bot/greet',
        number: 7,
        state: 'merged',
        baseCommit: use.scene.baseCommit,
        headCommit: use.scene.headCommit,
      },
    });
    await closed(/#7 took over/);
  });

  test('by two schedulers at once, with one comment', async () => {
    await removeTask();
    await Promise.all([use.scene.look(), use.scene.look(), use.scene.look()]);
    expect(use.scene.server.comments).toHaveLength(1);
    expect(await outcomes()).toEqual([['superseded', null]]);
  });

  test('and what a crash right after it left is taken up', async () => {
    await removeTask();
    use.scene.server.faults.next([{ kind: 'lost-answer' }], { method: 'PATCH', path: /\/pulls\/1$/ });
    await use.scene.look();
    expect(pull().state).toBe('closed');
    expect(await use.scene.state()).toMatchObject({ pull: 'open' });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ pull: 'closed', code: 'PULL_REQUEST_SUPERSEDED' });
    expect(await outcomes()).toEqual([['superseded', null]]);
  });
});

describe('it stays open', () => {
  const stays = async () => {
    await use.scene.look();
    await use.scene.look();
    expect(pull().state).toBe('open');
    expect(await use.scene.state()).toMatchObject({ pull: 'open' });
  };

  test('while it is needed', async () => {
    await use.scene.commitToMain({ 'other.txt': 'theirs\n' });
    await stays();
  });

  test('where the base holds only a part of it', async () => {
    await use.scene.commitToMain({ 'greet.js': '2\n' });
    await stays();
  });

  test('where somebody said a word, be it a stranger', async () => {
    await removeTask();
    use.scene.server.people.comment(1, 'I like it.', 'stranger');
    await stays();
  });

  test('where somebody edited the text', async () => {
    await removeTask();
    use.scene.server.people.edit(1, (body) => `A note.\n${body}`);
    await stays();
  });

  test('where somebody committed', async () => {
    await removeTask();
    use.scene.person.commit({ 'fix.txt': 'by hand\n' });
    use.scene.person.git('push', '--quiet', 'origin', 'ai/greet');
    await stays();
  });

  test('where the configuration says so', async () => {
    await removeTask();
    await use.scene.commitToMain({ 'orchestrator.yaml': 'publish: { closeSuperseded: false }\n' });
    await stays();
  });

  test('once a person has reopened it; their own close is a no', async () => {
    await removeTask();
    await use.scene.look();
    expect(readMarker(pull().body)?.ended).toBe('superseded');
    use.scene.server.people.reopen(1);
    await stays();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', code: null });
    expect(await outcomes()).toEqual([]);
    expect(readMarker(pull().body)).toMatchObject({ task: 'greet' });
    expect(pull().body).not.toContain('Closed by the orchestrator');
    await use.scene.server.people.close(1);
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'rejected', code: 'PULL_REQUEST_CLOSED' });
    expect(await outcomes()).toEqual([['closed', 'silent']]);
  });
});
