import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceMilestones } from './milestones.ts';

let opened: TestDatabase;
let repositoryId: string;
let runId: string;
beforeEach(async () => {
  opened = await testDatabase();
  ({ repositoryId, runId } = await seedRun(opened.database));
});
afterEach(() => opened.close());

async function pulls(count: number, state: string, daysAgo = 0, first = 1): Promise<void> {
  const at = new Date(Date.now() - daysAgo * 86_400_000);
  for (let number = first; number < first + count; number += 1)
    await opened.database.pullRequest.create({
      data: {
        repositoryId,
        runId,
        taskKey: `t${number}`,
        branch: `ai/${state}${number}`,
        number,
        url: `https://example.com/pull/${number}`,
        state,
        baseCommit: 'b',
        headCommit: 'h',
        createdAt: at,
        mergedAt: state === 'merged' ? at : null,
      },
    });
}
const announce = () => announceMilestones(opened.database);
const events = () => opened.database.event.findMany({ where: { type: 'milestone' }, orderBy: { id: 'asc' } });

test('the first pull request is told once, also where several look at once', async () => {
  expect(await announce()).toEqual([]);
  await pulls(2, 'open');
  expect((await Promise.all([announce(), announce(), announce()])).flat()).toEqual(['The first pull request']);
  await pulls(1, 'open', 0, 3);
  expect(await announce()).toEqual([]);
  expect(await events()).toMatchObject([{ repositoryId, data: { url: 'https://example.com/pull/1' } }]);
});

test('every tenth merge is told, with merge rate and cost', async () => {
  await pulls(9, 'merged');
  await pulls(3, 'closed', 0, 100);
  await announce();
  expect(await events()).toHaveLength(1);
  await pulls(3, 'merged', 0, 10);
  expect(await announce()).toEqual(['10 pull requests merged']);
  expect(await announce()).toEqual([]);
  expect((await events()).at(-1)?.data).toMatchObject({ merged: 10, mergeRatePercent: 80, perMergedNanoUsd: '0' });
  await pulls(8, 'merged', 0, 13);
  expect(await announce()).toEqual(['20 pull requests merged']);
});

test('what we closed ourselves is no decision of people', async () => {
  await pulls(10, 'merged');
  await pulls(5, 'closed', 0, 100);
  await opened.database.$executeRaw`
    INSERT INTO pull_outcome (pull_request_id, number, run_id, result)
    SELECT id, number, run_id, 'superseded' FROM pull_request WHERE state = 'closed'`;
  await announce();
  expect((await events()).at(-1)?.data).toMatchObject({ merged: 10, mergeRatePercent: 100 });
});

test('what was reached long ago is no news', async () => {
  await pulls(10, 'merged', 3);
  await pulls(1, 'open', 0, 50);
  expect(await announce()).toEqual([]);
});
