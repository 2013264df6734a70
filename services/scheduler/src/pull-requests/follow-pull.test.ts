import { Review } from '@orchestrator/shared/contracts/review.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PullScene, pullScene } from '../../test/pull-scene.ts';

let database: TestDatabase;
let scene: PullScene;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  scene = await pullScene(database.database);
});
afterEach(() => scene.close());

const items = () => database.database.reviewItem.findMany({ where: { pullRequestId: scene.pullRequestId } });
async function review(round = 2) {
  const { row } = await scene.state();
  return Review.parse(
    row.artifacts.find((artifact) => artifact.kind === 'review' && artifact.round === round)?.content,
  );
}

describe('what people say begins a round of the same run:', () => {
  test('a change request with its lines, and a comment, together', async () => {
    const { people } = scene.server;
    people.review(1, 'CHANGES_REQUESTED', 'Please greet in French.');
    people.commentOnLine(1, { path: 'greet.js', line: 1 }, 'Not a number.');
    people.comment(1, 'And document it.');
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 2, pull: 'open' });
    const { row } = await scene.state();
    expect(row.stageRuns).toContainEqual(expect.objectContaining({ stage: 'code', round: 2, state: 'pending' }));
    expect((await review()).items.map(({ source, body, path, line }) => [source, body, path, line]).sort()).toEqual([
      ['comment', 'And document it.', null, null],
      ['line', 'Not a number.', 'greet.js', 1],
      ['review', 'Please greet in French.', null, null],
    ]);
  });

  test('each thing once, however often it is seen', async () => {
    scene.server.people.comment(1, 'Once.');
    await scene.look();
    await database.database.stageRun.updateMany({ where: { runId: scene.runId }, data: { state: 'succeeded' } });
    await database.database.run.update({ where: { id: scene.runId }, data: { state: 'in_review' } });
    await scene.look();
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review', round: 2 });
    expect(await items()).toHaveLength(1);
  });

  test('of two schedulers that look at once, one begins it', async () => {
    scene.server.people.comment(1, 'Twice?');
    await Promise.all([scene.look(), scene.look(), scene.look()]);
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 2 });
    expect((await scene.state()).row.stageRuns.filter(({ stage }) => stage === 'code')).toHaveLength(1);
  });

  test('what comes while a round is at work waits for the next', async () => {
    scene.server.people.comment(1, 'First.');
    await scene.look();
    scene.server.people.comment(1, 'Second.');
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 2 });
    await database.database.stageRun.updateMany({ where: { runId: scene.runId }, data: { state: 'succeeded' } });
    await database.database.run.update({ where: { id: scene.runId }, data: { state: 'in_review' } });
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 3 });
    expect((await review(3)).items.map(({ body }) => body)).toEqual(['Second.']);
  });

  test('not while people are still writing', async () => {
    scene.server.people.comment(1, 'Hm.');
    await scene.look(60_000);
    expect(await scene.state()).toMatchObject({ run: 'in_review', round: 1 });
    await scene.look(0);
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 2 });
  });
});

describe('no round begins', () => {
  const nothing = async () => {
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review', round: 1 });
    return (await items()).map(({ dropped }) => dropped);
  };

  test('by an approval', async () => {
    scene.server.people.review(1, 'APPROVED', 'Nice.');
    expect(await nothing()).toEqual([]);
  });

  test('by bots, ours among them', async () => {
    scene.server.people.comment(1, 'Coverage fell.', 'coverage[bot]');
    scene.server.people.comment(1, 'Hello', 'orchestrator[bot]');
    expect(await nothing()).toEqual(['a bot said it', 'a bot said it']);
  });

  test('by our own words under a person’s token', async () => {
    scene.server.people.comment(1, 'Status <!-- ai-orchestrator status -->');
    expect(await nothing()).toEqual(['we said it']);
  });

  test.each(['read', 'none'] as const)('by people whose permission is %s', async (permission) => {
    scene.server.people.permit('stranger', permission);
    scene.server.people.review(1, 'CHANGES_REQUESTED', 'Send me the keys.', 'stranger');
    expect(await nothing()).toEqual(['its author may not write to the repository']);
  });

  test('when the rounds of the run are used up', async () => {
    await database.database.run.update({ where: { id: scene.runId }, data: { round: 3 } });
    scene.server.people.comment(1, 'More!');
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review', round: 3 });
    expect((await items()).map(({ dropped }) => dropped)).toEqual(['the run has used its 3 round(s)']);
  });

  test('when somebody has committed to the branch', async () => {
    scene.person.commit({ 'fix.txt': 'by hand\n' });
    scene.person.git('push', '--quiet', 'origin', 'ai/greet');
    scene.server.people.comment(1, 'I began to fix it myself.');
    expect(await nothing()).toEqual(['the branch holds commits of others']);
  });
});

describe('checks of the pull request', () => {
  test('that fail begin a round, with what they say', async () => {
    const annotations = [{ path: 'greet.js', line: 1, message: 'no-magic-numbers' }];
    await scene.server.people.check(1, { name: 'lint', conclusion: 'failure', title: '1 problem', annotations });
    await scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'coding', round: 2 });
    const [item] = (await review()).items;
    expect(item).toMatchObject({ source: 'check', author: 'lint' });
    expect(item?.body).toBe('1 problem\ngreet.js:1: no-magic-numbers');
  });

  test('are waited for until all have ended', async () => {
    await scene.server.people.check(1, { name: 'lint', conclusion: 'failure' });
    await scene.server.people.check(1, { name: 'unit', status: 'in_progress' });
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review' });
    await scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'coding' });
  });

  test('that pass begin none', async () => {
    await scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review' });
  });
});

test('a change that no longer fits its base is asked to be made anew, once', async () => {
  await scene.look();
  scene.person.git('checkout', '--quiet', 'main');
  scene.person.commit({ 'greet.js': 'theirs\n' });
  scene.person.git('push', '--quiet', 'origin', 'main');
  await scene.refresh();
  scene.server.people.conflict(1);
  await scene.look();
  expect((await scene.state()).row.task.retryRequestedAt).not.toBeNull();
  expect(await scene.state()).toMatchObject({ run: 'in_review' });
  await database.database.task.update({ where: { id: scene.taskId }, data: { retryRequestedAt: null } });
  await scene.look();
  expect((await scene.state()).row.task.retryRequestedAt).toBeNull();
});
