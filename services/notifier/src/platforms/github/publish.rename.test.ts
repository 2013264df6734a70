import { expect, test } from 'vitest';
import { githubScenes } from '../../../test/github-scene.ts';

const use = githubScenes();

test.each([
  ['renamed', 'acme', 'gadgets'],
  ['moved to another owner', 'emca', 'widgets'],
])('a repository that was %s is published to where it is now, as one pull request', async (_what, owner, name) => {
  const first = await use.scene.judge();
  use.scene.server.people.rename(owner, name);
  await first.publish();
  expect((await first.read()).stageRuns[0]).toMatchObject({ state: 'succeeded', lastError: null, parkedDetail: null });
  expect(use.only()).toMatchObject({ state: 'open', headSha: first.headCommit });
  expect(use.scene.branch('ai/greet')).toBe(first.headCommit);
  const pushes = use.scene.server.requests.filter(({ path }) => path.endsWith('/git-receive-pack'));
  expect(pushes.map(({ path }) => path)).toEqual([`/${owner}/${name}.git/git-receive-pack`]);
  const { pullRequests } = await first.read();
  expect(pullRequests[0]?.url).toMatch(new RegExp(`/${owner}/${name}/pull/1$`));

  const second = await use.again(first);
  await second.publish();
  expect(use.only()).toMatchObject({ state: 'open', headSha: second.headCommit });
});

test('one that was opened under the old name is found under the new one', async () => {
  const first = await use.scene.judge();
  await first.publish();
  use.scene.server.people.rename('emca', 'gadgets');
  const second = await use.again(first);
  await second.publish();
  expect(use.only()).toMatchObject({ state: 'open', headSha: second.headCommit });
  expect((await second.read()).state).toBe('in_review');
});

test('an old name that leads nowhere any more is a clear state', async () => {
  const run = await use.scene.judge();
  use.scene.server.faults.next([{ kind: 'status', status: 404, body: { message: 'Not Found' } }]);
  const stage = await use.parked(run);
  expect(stage).toMatchObject({
    parkedReason: 'configuration',
    parkedDetail: { code: 'GITHUB_NOT_FOUND', next: expect.stringContaining('renamed or deleted') },
  });
});
