import { describe, expect, test, vi } from 'vitest';
import { pullScenes } from '../../test/pull-scene.ts';

const use = pullScenes();

describe('what people do with a pull request', () => {
  test('a merge ends the run, once', async () => {
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', pull: 'open' });
    await use.scene.server.people.merge(1);
    await use.scene.look();
    await use.scene.look();
    const after = await use.scene.state();
    expect(after).toMatchObject({ run: 'merged', pull: 'merged', code: null });
    expect(after.row.pullRequests[0]?.mergedAt).not.toBeNull();
    expect(after.row.events.filter(({ type }) => type === 'run.merged')).toHaveLength(1);
  });

  test('a close rejects it; a reopening puts it back; a merge after that counts', async () => {
    await use.scene.server.people.close(1);
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'rejected', pull: 'closed', code: 'PULL_REQUEST_CLOSED' });
    use.scene.server.people.reopen(1);
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'in_review', pull: 'open', code: null });
    await use.scene.server.people.merge(1);
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'merged', pull: 'merged' });
  });

  test.each(['label', 'box'])(
    'a wish for a rebuild by %s asks for a run only where their commits stopped us',
    async (by) => {
      if (by === 'label') use.scene.server.people.label(1, 'ai: rebuild');
      else use.scene.server.people.edit(1, (body) => body.replace('- [ ] ', '- [x] '));
      await use.scene.look();
      expect((await use.scene.state()).row.task.retryRequestedAt).toBeNull();
      const { task } = (await use.scene.state()).row;
      await use.db.run.create({
        data: {
          taskId: task.id,
          taskRevision: 1,
          number: 2,
          baseCommit: 'b',
          state: 'failed',
          endCode: 'PUBLISH_FOREIGN_COMMIT',
        },
      });
      await use.scene.look();
      expect((await use.scene.state()).row.task.retryRequestedAt).not.toBeNull();
    },
  );

  test('pull requests of others, and what is not ours to end, are left alone', async () => {
    await use.db.run.update({ where: { id: use.scene.runId }, data: { state: 'cancelled' } });
    await use.scene.server.people.merge(1);
    await use.scene.look();
    expect(await use.scene.state()).toMatchObject({ run: 'cancelled', pull: 'merged' });
  });
});

test('a rate limit is waited for, and a refused token breaks nothing', async () => {
  const headers = { 'retry-after': '90' };
  const body = { message: 'You have exceeded a secondary rate limit.' };
  await use.scene.look();
  use.scene.server.faults.next([{ kind: 'status', status: 403, headers, body }], { path: /\/pulls$/ });
  expect(await use.scene.look()).toBeGreaterThan(60_000);
  use.scene.server.faults.next([{ kind: 'status', status: 401, body: { message: 'Bad credentials' } }], {
    path: /\/pulls$/,
  });
  expect(await use.scene.look()).toBeUndefined();
  await use.scene.server.people.merge(1);
  await use.scene.look();
  expect(await use.scene.state()).toMatchObject({ run: 'merged' });
});

test('a webhook is looked at within seconds, and then marked', async () => {
  const watcher = use.scene.watcher();
  await watcher.start();
  try {
    await vi.waitFor(
      async () => expect(await use.db.setting.count({ where: { key: use.scene.seenKey } })).toBe(1),
      30_000,
    );
    await use.scene.server.people.merge(1);
    await use.db.webhookEvent.create({
      data: { deliveryId: 'delivery-1', event: 'pull_request', repositoryId: use.scene.repositoryId },
    });
    await vi.waitFor(async () => expect(await use.scene.state()).toMatchObject({ run: 'merged' }), 30_000);
    await vi.waitFor(
      async () => expect(await use.db.webhookEvent.count({ where: { handledAt: null } })).toBe(0),
      30_000,
    );
  } finally {
    await watcher.stop();
  }
});
