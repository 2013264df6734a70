import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe('what people do with a pull request', () => {
  test('a merge ends the run, once', async () => {
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review', pull: 'open' });
    await scene.server.people.merge(1);
    await scene.look();
    await scene.look();
    const after = await scene.state();
    expect(after).toMatchObject({ run: 'merged', pull: 'merged', code: null });
    expect(after.row.pullRequests[0]?.mergedAt).not.toBeNull();
    expect(after.row.events.filter(({ type }) => type === 'run.merged')).toHaveLength(1);
  });

  test('a close rejects it; a reopening puts it back; a merge after that counts', async () => {
    await scene.server.people.close(1);
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'rejected', pull: 'closed', code: 'PULL_REQUEST_CLOSED' });
    scene.server.people.reopen(1);
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'in_review', pull: 'open', code: null });
    await scene.server.people.merge(1);
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'merged', pull: 'merged' });
  });

  test.each(['label', 'box'])(
    'a wish for a rebuild by %s asks for a run only where their commits stopped us',
    async (by) => {
      if (by === 'label') scene.server.people.label(1, 'ai: rebuild');
      else scene.server.people.edit(1, (body) => body.replace('- [ ] ', '- [x] '));
      await scene.look();
      expect((await scene.state()).row.task.retryRequestedAt).toBeNull();
      const { task } = (await scene.state()).row;
      await database.database.run.create({
        data: {
          taskId: task.id,
          taskRevision: 1,
          number: 2,
          baseCommit: 'b',
          state: 'failed',
          endCode: 'PUBLISH_FOREIGN_COMMIT',
        },
      });
      await scene.look();
      expect((await scene.state()).row.task.retryRequestedAt).not.toBeNull();
    },
  );

  test('pull requests of others, and what is not ours to end, are left alone', async () => {
    await database.database.run.update({ where: { id: scene.runId }, data: { state: 'cancelled' } });
    await scene.server.people.merge(1);
    await scene.look();
    expect(await scene.state()).toMatchObject({ run: 'cancelled', pull: 'merged' });
  });
});

test('a rate limit is waited for, and a refused token breaks nothing', async () => {
  const headers = { 'retry-after': '90' };
  const body = { message: 'You have exceeded a secondary rate limit.' };
  await scene.look();
  scene.server.faults.next([{ kind: 'status', status: 403, headers, body }], { path: /\/pulls$/ });
  expect(await scene.look()).toBeGreaterThan(60_000);
  scene.server.faults.next([{ kind: 'status', status: 401, body: { message: 'Bad credentials' } }], {
    path: /\/pulls$/,
  });
  expect(await scene.look()).toBeUndefined();
  await scene.server.people.merge(1);
  await scene.look();
  expect(await scene.state()).toMatchObject({ run: 'merged' });
});

test('a webhook is looked at within seconds, and then marked', async () => {
  const watcher = scene.watcher();
  await watcher.start();
  try {
    await vi.waitFor(
      async () => expect(await database.database.setting.count({ where: { key: scene.seenKey } })).toBe(1),
      30_000,
    );
    await scene.server.people.merge(1);
    await database.database.webhookEvent.create({
      data: { deliveryId: 'delivery-1', event: 'pull_request', repositoryId: scene.repositoryId },
    });
    await vi.waitFor(async () => expect(await scene.state()).toMatchObject({ run: 'merged' }), 30_000);
    await vi.waitFor(
      async () => expect(await database.database.webhookEvent.count({ where: { handledAt: null } })).toBe(0),
      30_000,
    );
  } finally {
    await watcher.stop();
  }
});
