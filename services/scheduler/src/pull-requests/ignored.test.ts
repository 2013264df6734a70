import { expect, test } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();
const outcomes = async () => (await use.scene.outcomes()).map(({ result, cause }) => [result, cause]);
const DAY_MS = 86_400_000;
const offered = (daysAgo: number) =>
  use.db.pullRequest.update({
    where: { id: use.scene.pullRequestId },
    data: { offeredAt: new Date(Date.now() - daysAgo * DAY_MS) },
  });

test('a pull request that nobody reacts to for 30 days counts as ignored, and stays open', async () => {
  await offered(29);
  await use.scene.look();
  expect(await outcomes()).toEqual([]);
  await offered(31);
  use.scene.server.people.comment(1, 'Coverage fell.', 'coverage[bot]');
  await use.scene.look();
  await use.scene.look();
  expect(await outcomes()).toEqual([['ignored', 'silent']]);
  expect(await use.scene.state()).toMatchObject({ run: 'in_review', pull: 'open' });
  expect(use.scene.server.pulls[0]?.state).toBe('open');
});

test('a merge after that counts as a merge', async () => {
  await offered(31);
  await use.scene.look();
  await use.scene.server.people.merge(1);
  await use.scene.look();
  expect(await outcomes()).toEqual([['merged_as_is', null]]);
  expect(await use.scene.state()).toMatchObject({ run: 'merged' });
});

test('an approval is a reaction: what was ignored no longer is', async () => {
  await offered(31);
  await use.scene.look();
  expect(await outcomes()).toEqual([['ignored', 'silent']]);
  use.scene.server.people.review(1, 'APPROVED', '');
  await use.scene.look();
  expect(await outcomes()).toEqual([]);
});

test('so is a commit by hand', async () => {
  await offered(31);
  use.scene.person.git('checkout', '--quiet', 'ai/greet');
  use.scene.person.commit({ 'fix.txt': 'by hand\n' });
  use.scene.person.git('push', '--quiet', 'origin', 'ai/greet');
  await use.scene.look();
  expect(await outcomes()).toEqual([]);
});

test('silence of another length is configured', async () => {
  await use.scene.commitToMain({ 'orchestrator.yaml': 'publish: { ignoredAfterDays: 3 }\n' });
  await offered(4);
  await use.scene.look();
  expect(await outcomes()).toEqual([['ignored', 'silent']]);
});
