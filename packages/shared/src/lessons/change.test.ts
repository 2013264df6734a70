import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addLesson, changeLesson } from './change.ts';
import { learn } from './learn.ts';
import { listLessons, shownTo } from './list.ts';
import { markShown } from './retrieve.ts';
import { rememberedHalfLife, rememberHalfLife } from './rules.ts';

const DAYS = 60;
const ADA = { actor: 'cli:ada' };
let opened: TestDatabase;
let repositoryId: string;
let runId: string;
beforeAll(async () => {
  opened = await testDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  ({ repositoryId, runId } = await seedRun(opened.database));
});

const add = (text: string) => addLesson(opened.database, { repositoryId, text, scope: { paths: [] } }, DAYS, ADA);
const list = () => listLessons(opened.database, repositoryId, DAYS);
const pattern = (text: string, expiresInDays: number) =>
  opened.database.$transaction((tx) =>
    learn(
      tx,
      {
        repositoryId,
        source: 'pattern',
        sameAs: 'tests',
        text,
        scope: { paths: [] },
        evidence: { what: text, at: '2026-03-01' },
        expiresInDays,
      },
      DAYS,
    ),
  );

test('what a person teaches says who did, and is shown again where it was off', async () => {
  const id = await add('Use the logger.');
  await changeLesson(opened.database, id, { off: true }, { actor: 'api', reason: 'too noisy' });
  expect(await list()).toMatchObject([
    { id, state: 'off', evidence: [{ what: 'taught by cli:ada' }, { what: 'switched off by api: too noisy' }] },
  ]);
  expect(await add('use  the LOGGER.')).toBe(id);
  expect(await list()).toMatchObject([{ id, state: 'shown' }]);
});

test('a lesson that says what another says already is refused, and nothing is changed', async () => {
  const first = await add('One.');
  await add('Two.');
  await expect(changeLesson(opened.database, first, { text: 'two.', weight: 5 }, ADA)).rejects.toMatchObject({
    code: 'USAGE',
  });
  expect((await list()).map(({ text, weight }) => [text, weight])).toEqual([
    ['One.', 2],
    ['Two.', 2],
  ]);
});

test('an end can be set and taken away; after it a lesson is not shown', async () => {
  const id = await add('For now.');
  await changeLesson(opened.database, id, { expiresAt: new Date(0) }, ADA);
  expect(await list()).toMatchObject([{ state: 'expired' }]);
  await changeLesson(opened.database, id, { expiresAt: null, weight: 0.1 }, ADA);
  expect(await list()).toMatchObject([{ state: 'faded', weight: 0.1 }]);
});

test('what is counted is counted anew and lives on, unless a person has worded it', async () => {
  await pattern('4 of 5', -1);
  expect(await list()).toMatchObject([{ state: 'expired', text: '4 of 5' }]);
  await pattern('5 of 6', 60);
  const [seen] = await list();
  expect(seen).toMatchObject({ state: 'shown', text: '5 of 6' });
  await changeLesson(opened.database, seen?.id ?? '', { text: 'Bring tests.' }, ADA);
  await pattern('6 of 7', 60);
  expect(await list()).toMatchObject([{ text: 'Bring tests.' }]);
});

test('says which runs were shown it', async () => {
  const id = await add('Shown.');
  await markShown(opened.database, runId, [{ id, text: 'Shown.' }]);
  expect(await shownTo(opened.database, id)).toMatchObject([{ run: runId, state: 'baselining', url: null }]);
});

test('no lesson has an unknown id, and the half-life is the configured one once it is known', async () => {
  await expect(changeLesson(opened.database, runId, { off: true }, ADA)).rejects.toMatchObject({
    code: 'LESSON_UNKNOWN',
  });
  expect(await rememberedHalfLife(opened.database, repositoryId)).toBe(60);
  await rememberHalfLife(opened.database, repositoryId, 7);
  await rememberHalfLife(opened.database, repositoryId, 9);
  expect(await rememberedHalfLife(opened.database, repositoryId)).toBe(9);
});
