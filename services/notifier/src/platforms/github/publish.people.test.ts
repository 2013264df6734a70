import { describe, expect, test } from 'vitest';
import { githubScenes } from '../../../test/github-scene.ts';

const use = githubScenes();

describe('what people did is respected:', () => {
  test('closed means no, until the text of the task changes', async () => {
    const first = await use.scene.judge();
    await first.publish();
    await use.scene.server.people.close(use.only().number);
    const same = await use.again(first, 1_000);
    await use.db.run.update({ where: { id: same.runId }, data: { number: 1, taskRevision: 2 } });
    await same.publish();
    expect(await same.read()).toMatchObject({ state: 'rejected', endCode: 'PUBLISH_CLOSED' });
    expect(use.scene.branch('ai/greet')).toBe(first.headCommit);

    await use.db.task.update({ where: { id: first.taskId }, data: { textHash: 'another' } });
    const edited = await use.again(first, 1_001, 'best\n');
    await use.db.run.update({ where: { id: edited.runId }, data: { number: 1, taskRevision: 3 } });
    await edited.publish();
    expect(await edited.read()).toMatchObject({ state: 'in_review' });
    expect(use.scene.server.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('a person who asks for another run after closing gets a new offer', async () => {
    const first = await use.scene.judge();
    await first.publish();
    await use.scene.server.people.close(use.only().number);
    const retried = await use.again(first);
    await retried.publish();
    expect((await retried.read()).state).toBe('in_review');
    // The row of the closed one is left as it is.
    const rows = await use.db.pullRequest.findMany({
      where: { repositoryId: first.repositoryId },
      orderBy: { number: 'asc' },
    });
    expect(rows).toMatchObject([
      { number: 1, runId: first.runId, headCommit: first.headCommit },
      { number: 2, runId: retried.runId, headCommit: retried.headCommit },
    ]);
    expect(use.scene.server.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('one that was reopened is updated', async () => {
    const first = await use.scene.judge();
    await first.publish();
    await use.scene.server.people.close(use.only().number);
    use.scene.server.people.reopen(use.only().number);
    const second = await use.again(first);
    await second.publish();
    expect(use.only()).toMatchObject({ state: 'open', headSha: second.headCommit });
  });

  test('an edited body stays while ours would say the same', async () => {
    const run = await use.scene.judge();
    await run.publish();
    use.scene.server.people.edit(use.only().number, (body) => `A note of mine.\n${body}`);
    await run.reopen();
    await run.publish();
    expect(use.only().body).toMatch(/^A note of mine\./);
  });

  const commitByHand = () => {
    use.scene.person.git('fetch', '--quiet', 'origin');
    use.scene.person.git('checkout', '--quiet', '-B', 'ai/greet', 'origin/ai/greet');
    const commit = use.scene.person.commit({ 'fix.txt': 'by hand\n' });
    use.scene.person.git('push', '--quiet', 'origin', 'ai/greet');
    return commit;
  };

  test('a commit of somebody else on the branch means hands off', async () => {
    const first = await use.scene.judge();
    await first.publish();
    const theirs = commitByHand();
    const second = await use.again(first);
    await second.publish();
    expect(await second.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT' });
    expect(use.scene.branch('ai/greet')).toBe(theirs);
  });

  test.each(['label', 'box'])('until they ask for a rebuild by %s', async (by) => {
    const first = await use.scene.judge();
    await first.publish();
    commitByHand();
    const { number } = use.only();
    if (by === 'label') use.scene.server.people.label(number, 'ai: rebuild');
    else use.scene.server.people.edit(number, (body) => body.replace('- [ ] ', '- [x] '));
    const second = await use.again(first);
    await second.publish();
    expect((await second.read()).state).toBe('in_review');
    expect(use.scene.branch('ai/greet')).toBe(second.headCommit);
    expect(use.only().labels).toEqual([]);
    expect(use.only().body).not.toContain('- [x] ');
  });

  test('a branch that somebody made without a pull request is left alone', async () => {
    use.scene.person.git('push', '--quiet', 'origin', 'HEAD:refs/heads/ai/greet');
    const run = await use.scene.judge();
    await run.publish();
    expect(await run.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT' });
    expect(use.scene.branch('ai/greet')).toBe(use.scene.baseCommit);
    expect(use.scene.server.pulls).toEqual([]);
  });
});
