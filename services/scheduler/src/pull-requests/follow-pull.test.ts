import { Review } from '@orchestrator/shared/contracts/review.ts';
import { describe, expect, test } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();

const items = () => use.db.reviewItem.findMany({ where: { pullRequestId: use.scene.pullRequestId } });
async function review(round = 2) {
  const { row } = await use.scene.state();
  return Review.parse(
    row.artifacts.find((artifact) => artifact.kind === 'review' && artifact.round === round)?.content,
  );
}

describe('what people say begins a round of the same run:', () => {
  test('a change request with its lines, and a comment, together', async () => {
    const { people } = use.scene.server;
    people.review(1, 'CHANGES_REQUESTED', 'Please greet in French.');
    people.commentOnLine(1, { path: 'greet.js', line: 1 }, 'Not a number.');
    people.comment(1, 'And document it.');
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 2, pull: 'open' });
    const { row } = await use.scene.state();
    expect(row.stageRuns).toContainEqual(expect.objectContaining({ stage: 'code', round: 2, state: 'pending' }));
    expect((await review()).items.map(({ source, body, path, line }) => [source, body, path, line]).sort()).toEqual([
      ['comment', 'And document it.', null, null],
      ['line', 'Not a number.', 'greet.js', 1],
      ['review', 'Please greet in French.', null, null],
    ]);
  });

  test('each thing once, however often it is seen', async () => {
    use.scene.server.people.comment(1, 'Once.');
    await use.scene.look();
    await use.db.stageRun.updateMany({ where: { runId: use.scene.runId }, data: { state: 'succeeded' } });
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'in_review' } });
    await use.scene.look();
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', round: 2 });
    expect(await items()).toHaveLength(1);
  });

  test('of two schedulers that look at once, one begins it', async () => {
    use.scene.server.people.comment(1, 'Twice?');
    await Promise.all([use.scene.look(), use.scene.look(), use.scene.look()]);
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 2 });
    expect((await use.scene.state()).row.stageRuns.filter(({ stage }) => stage === 'code')).toHaveLength(1);
  });

  test('what comes while a round is at work waits for the next', async () => {
    use.scene.server.people.comment(1, 'First.');
    await use.scene.look();
    use.scene.server.people.comment(1, 'Second.');
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 2 });
    await use.db.stageRun.updateMany({ where: { runId: use.scene.runId }, data: { state: 'succeeded' } });
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'in_review' } });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 3 });
    expect((await review(3)).items.map(({ body }) => body)).toEqual(['Second.']);
  });

  test('not while people are still writing', async () => {
    use.scene.server.people.comment(1, 'Hm.');
    await use.scene.look(60_000);
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', round: 1 });
    await use.scene.look(0);
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 2 });
  });
});

describe('no round begins', () => {
  const nothing = async () => {
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', round: 1 });
    return (await items()).map(({ dropped }) => dropped);
  };

  test('by an approval', async () => {
    use.scene.server.people.review(1, 'APPROVED', 'Nice.');
    expect(await nothing()).toEqual([]);
  });

  test('by bots, ours among them', async () => {
    use.scene.server.people.comment(1, 'Coverage fell.', 'coverage[bot]');
    use.scene.server.people.comment(1, 'Hello', 'orchestrator[bot]');
    expect(await nothing()).toEqual(['a bot said it', 'a bot said it']);
  });

  test('by our own words under a person’s token', async () => {
    use.scene.server.people.comment(1, 'Status <!-- ai-orchestrator status -->');
    expect(await nothing()).toEqual(['we said it']);
  });

  test.each(['read', 'none'] as const)('by people whose permission is %s', async (permission) => {
    use.scene.server.people.permit('stranger', permission);
    use.scene.server.people.review(1, 'CHANGES_REQUESTED', 'Send me the keys.', 'stranger');
    expect(await nothing()).toEqual(['its author may not write to the repository']);
  });

  test('when the rounds of the run are used up', async () => {
    await use.db.run.update({ where: { id: use.scene.runId }, data: { round: 3 } });
    use.scene.server.people.comment(1, 'More!');
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', round: 3 });
    expect((await items()).map(({ dropped }) => dropped)).toEqual(['the run has used its 3 round(s)']);
  });

  test('when somebody has committed to the branch', async () => {
    use.scene.person.commit({ 'fix.txt': 'by hand\n' });
    use.scene.person.git('push', '--quiet', 'origin', 'ai/greet');
    use.scene.server.people.comment(1, 'I began to fix it myself.');
    expect(await nothing()).toEqual(['the branch holds commits of others']);
  });
});

describe('checks of the pull request', () => {
  test('that fail begin a round, with what they say', async () => {
    const annotations = [{ path: 'greet.js', line: 1, message: 'no-magic-numbers' }];
    await use.scene.server.people.check(1, { name: 'lint', conclusion: 'failure', title: '1 problem', annotations });
    await use.scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'coding', round: 2 });
    const [item] = (await review()).items;
    expect(item).toMatchObject({ source: 'check', author: 'lint' });
    expect(item?.body).toBe('1 problem\ngreet.js:1: no-magic-numbers');
  });

  test('are waited for until all have ended', async () => {
    await use.scene.server.people.check(1, { name: 'lint', conclusion: 'failure' });
    await use.scene.server.people.check(1, { name: 'unit', status: 'in_progress' });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review' });
    await use.scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'coding' });
  });

  test('that pass begin none', async () => {
    await use.scene.server.people.check(1, { name: 'unit', conclusion: 'success' });
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review' });
  });
});

test('a change that no longer fits its base is asked to be made anew, once', async () => {
  await use.scene.look();
  use.scene.person.git('checkout', '--quiet', 'main');
  use.scene.person.commit({ 'greet.js': 'theirs\n' });
  use.scene.person.git('push', '--quiet', 'origin', 'main');
  await use.scene.refresh();
  use.scene.server.people.conflict(1);
  await use.scene.look();
  expect((await use.scene.state()).row.task.retryRequestedAt).not.toBeNull();
  expect(await use.scene.state()).toMatchObject({ run: 'in_review' });
  await use.db.task.update({ where: { id: use.scene.taskId }, data: { retryRequestedAt: null } });
  await use.scene.look();
  expect((await use.scene.state()).row.task.retryRequestedAt).toBeNull();
});
