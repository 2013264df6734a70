import { describe, expect, test } from 'vitest';
import { githubScenes } from '../../../test/github-scene.ts';

const use = githubScenes();

test('while another change of the repository is being published it waits, but not for one that died', async () => {
  const run = await use.scene.judge();
  const hold = (until: string) =>
    use.db.setting.upsert({
      where: { key: `publishing:${run.repositoryId}` },
      create: { key: `publishing:${run.repositoryId}`, value: { holder: 'another', until } },
      update: { value: { holder: 'another', until } },
    });
  await hold('2999-01-01T00:00:00Z');
  await run.publish();
  expect((await run.read()).stageRuns[0]).toMatchObject({ state: 'pending', parkedDetail: { code: 'PUBLISH_BUSY' } });
  await hold('2020-01-01T00:00:00Z');
  await run.retryNow();
  await run.publish();
  expect((await run.read()).state).toBe('in_review');
  expect(await use.db.setting.count({ where: { key: `publishing:${run.repositoryId}` } })).toBe(0);
});

describe('limits', () => {
  test('of an hour: the third waits until the first is an hour old', async () => {
    for (const branch of ['ai/one', 'ai/two']) await (await use.scene.judge({ branch })).publish();
    const third = await use.scene.judge({ branch: 'ai/three' });
    await third.publish();
    const [stage] = (await third.read()).stageRuns;
    expect(stage).toMatchObject({
      state: 'pending',
      parkedReason: 'rate_limit',
      parkedDetail: { code: 'PUBLISH_LIMIT' },
    });
    const firstAt = new Date(use.scene.server.pulls[0]?.createdAt as string).getTime();
    expect(Math.abs((stage?.availableAt.getTime() ?? 0) - firstAt - 3_600_000)).toBeLessThan(5_000);
    expect(use.scene.branch('ai/three')).toBeNull();
    expect(use.scene.server.pulls).toHaveLength(2);
  });

  test('of open ones: it waits; an update of an open one does not', async () => {
    await use.replace({ orchestratorYaml: 'publish: { maxOpen: 1, maxPerHour: 99 }\n' });
    const first = await use.scene.judge();
    await first.publish();
    const other = await use.scene.judge({ branch: 'ai/other' });
    await other.publish();
    expect((await other.read()).stageRuns[0]).toMatchObject({
      state: 'pending',
      parkedDetail: { code: 'PUBLISH_LIMIT' },
    });
    const second = await use.again(first);
    await second.publish();
    expect((await second.read()).state).toBe('in_review');
  });
});
