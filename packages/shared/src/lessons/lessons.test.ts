import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { judgeShown, learn, type NewLesson } from './learn.ts';
import { weightNow } from './lesson.ts';
import { lessonList, lessonsFor, markShown } from './retrieve.ts';

const HALF_LIFE_DAYS = 60;
let database: TestDatabase;
let repositoryId: string;
let runId: string;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  ({ repositoryId, runId } = await seedRun(database.database));
});

const teach = (text: string, over: Partial<NewLesson> = {}) =>
  database.database.$transaction((tx) =>
    learn(
      tx,
      {
        repositoryId,
        source: 'review',
        sameAs: text,
        text,
        scope: { paths: [] },
        evidence: { what: 'said', pullRequest: '1', at: '2026-03-01' },
        ...over,
      },
      HALF_LIFE_DAYS,
    ),
  );
const ask = (over: Partial<Parameters<typeof lessonsFor>[1]> = {}, maxTokens = 600, now = new Date()) =>
  lessonsFor(
    database.database,
    { repositoryId, module: null, language: null, paths: [], text: '', ...over },
    { maxTokens, halfLifeDays: HALF_LIFE_DAYS, now },
  );
const texts = async (...args: Parameters<typeof ask>) => (await ask(...args)).map(({ text }) => text);
const days = (count: number) => new Date(Date.now() + count * 86_400_000);

describe('learning', () => {
  test('the same again strengthens; the same evidence again does not', async () => {
    await teach('Use the logger.');
    await teach('  use THE logger. ', { evidence: { what: 'said', pullRequest: '2', at: '2026-03-02' } });
    await teach('Use the logger.', { evidence: { what: 'said', pullRequest: '2', at: '2026-03-03' } });
    const rows = await database.database.lesson.findMany({ where: { repositoryId } });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.weight).toBeCloseTo(1.5, 2);
    expect(rows[0]?.evidence).toHaveLength(2);
  });

  test('never passes the highest weight, and keeps the last ten pieces of evidence', async () => {
    for (let pullRequest = 0; pullRequest < 14; pullRequest++)
      await teach('Again.', { evidence: { what: 'said', pullRequest: String(pullRequest), at: '2026-03-02' } });
    const [row] = await database.database.lesson.findMany({ where: { repositoryId } });
    expect(row?.weight).toBe(5);
    expect(row?.evidence).toHaveLength(10);
  });

  test('what a person switched off stays off', async () => {
    await teach('Wrong.');
    await database.database.lesson.updateMany({ where: { repositoryId }, data: { disabled: true } });
    await teach('Wrong.', { evidence: { what: 'said', pullRequest: '9', at: '2026-03-02' } });
    expect(await texts()).toEqual([]);
  });
});

describe('what follows changes the weight:', () => {
  const weight = async () =>
    weightNow(
      (await database.database.lesson.findMany({ where: { repositoryId } }))[0] as never,
      HALF_LIFE_DAYS,
      new Date(),
    );
  const judge = (verdict: 'confirmed' | 'refuted') =>
    database.database.$transaction((tx) => judgeShown(tx, runId, verdict, HALF_LIFE_DAYS));

  test('a wrong lesson fades within four rejections, a right one lives', async () => {
    await teach('Wrong.');
    await markShown(database.database, runId, await ask());
    for (let i = 0; i < 4; i++) await judge('refuted');
    expect(await weight()).toBeLessThan(0.2);
    expect(await texts()).toEqual([]);
  });

  test('a wrong one of a person fades as fast, whatever is merged in between', async () => {
    await teach('Wrong.', { source: 'person' });
    await markShown(database.database, runId, await ask());
    for (let i = 0; i < 4; i++) {
      await judge('refuted');
      await judge('confirmed');
    }
    expect(await weight()).toBeLessThan(0.2);
  });

  test('a right one outweighs rejections that are not its fault', async () => {
    await teach('Right.');
    await markShown(database.database, runId, await ask());
    for (let i = 0; i < 20; i++) await judge(i % 4 === 0 ? 'refuted' : 'confirmed');
    expect(await weight()).toBeGreaterThan(0.4);
  });

  test('what people asked for again in the rejection is not refuted by it', async () => {
    await teach('Asked for.');
    await teach('Another.');
    await markShown(database.database, runId, await ask());
    await database.database.$transaction(async (tx) => {
      const evidence = { what: 'said again', pullRequest: '2', at: '2026-03-02' };
      const again = { source: 'review' as const, sameAs: 'Asked for.', text: 'Asked for.', scope: { paths: [] } };
      await learn(tx, { ...again, repositoryId, evidence }, HALF_LIFE_DAYS);
      await judgeShown(tx, runId, 'refuted', HALF_LIFE_DAYS);
    });
    const rows = await database.database.lesson.findMany({ where: { repositoryId }, orderBy: { text: 'asc' } });
    expect(rows).toMatchObject([
      { text: 'Another.', refuted: 1 },
      { text: 'Asked for.', refuted: 0 },
    ]);
    expect(rows.map((row) => row.weight)).toEqual([expect.closeTo(0.5, 2), expect.closeTo(1.5, 2)]);
  });

  test('only of lessons that the run was shown', async () => {
    await teach('Not shown.');
    await judge('refuted');
    expect(await weight()).toBeCloseTo(1, 2);
  });

  test('time halves it', async () => {
    await teach('Old.');
    expect(await texts({}, 600, days(100))).toEqual(['Old.']);
    expect(await texts({}, 600, days(150))).toEqual([]);
  });
});

describe('finding', () => {
  test('leaves out other languages, modules, repositories and what has expired', async () => {
    await teach('Everywhere.');
    await teach('Java.', { scope: { language: 'java', paths: [] } });
    await teach('Core.', { scope: { module: 'core', paths: [] } });
    await teach('Gone.');
    await database.database.lesson.updateMany({
      where: { repositoryId, text: 'Gone.' },
      data: { expiresAt: new Date(0) },
    });
    const other = await seedRun(database.database);
    await teach('Elsewhere.', { repositoryId: other.repositoryId });
    expect(await texts({ language: 'go', module: 'api' })).toEqual(['Everywhere.']);
    expect((await texts({ language: 'java', module: 'core' })).sort()).toEqual(['Core.', 'Everywhere.', 'Java.']);
  });

  test('ranks by place and words, and fits the budget', async () => {
    await teach('Always close database connections.', { scope: { paths: ['src/db/pool.ts'] } });
    await teach('Names of buttons are verbs.', { scope: { paths: ['web/button.tsx'] } });
    await teach('Long. '.repeat(80));
    expect((await texts({ paths: ['src/db/query.ts'], text: 'pool the connections' }))[0]).toBe(
      'Always close database connections.',
    );
    expect((await texts({ paths: ['web/menu.tsx'] }))[0]).toBe('Names of buttons are verbs.');
    expect(await texts({}, 20)).toHaveLength(2);
    expect(await texts({}, 0)).toEqual([]);
  });

  test('gives one line each, without hidden characters', async () => {
    await teach('First\n- second\u202e\u200b <b>');
    expect(lessonList(await ask())).toBe('- First - second <b>');
  });
});
