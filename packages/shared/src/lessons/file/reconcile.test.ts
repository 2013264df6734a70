import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileLesson, parseLessons, renderLessons } from './format.ts';
import { editsOf, fileLessonOf, type KnownLesson } from './reconcile.ts';

const known = (number: number, text: string, over: Partial<KnownLesson> = {}): KnownLesson => ({
  id: `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`,
  source: 'review',
  text,
  scope: { paths: [] },
  state: 'shown',
  ...over,
});
const A = known(1, 'One.');
const B = known(2, 'Two.');
const C = known(3, 'Three.');
const MINE = known(4, 'Mine.', { source: 'person' });
const lines = (...lessons: KnownLesson[]): FileLesson[] => lessons.map(fileLessonOf);
const NONE = { added: [], changed: [], retired: [] };

describe('nobody edited where the file', () => {
  test('is as it was, or as we proposed it', () => {
    const before = lines(A, MINE);
    expect(editsOf([A, B, MINE], { now: before, before, proposed: lines(A, B, MINE) })).toEqual(NONE);
    expect(editsOf([A, B, MINE], { now: lines(A, B, MINE), before, proposed: lines(A, B, MINE) })).toEqual(NONE);
  });

  test('says a lesson as it stood in it before it was worded anew, or lacks one that we proposed to drop', () => {
    const reworded = { ...A, text: 'One, better.' };
    expect(editsOf([reworded], { now: lines(A), before: lines(A), proposed: null })).toEqual(NONE);
    expect(editsOf([A, B], { now: lines(A), before: lines(A, B), proposed: lines(A) })).toEqual(NONE);
  });

  test('has not got what a proposal that nobody merged adds', () => {
    const now = [...lines(A), { ref: null, text: 'New.', scope: { paths: [] } }];
    expect(editsOf([A, B], { now, before: lines(A), proposed: lines(A, B) })).toMatchObject({ retired: [] });
  });
});

describe('a person', () => {
  test('deletes a line: the lesson is retired', () => {
    expect(editsOf([A, B, MINE], { now: lines(B), before: lines(A, B, MINE), proposed: null })).toEqual({
      ...NONE,
      retired: [A.id, MINE.id],
    });
  });

  test('deletes a line of a proposal while merging it', () => {
    const files = { now: lines(A, B), before: lines(A), proposed: lines(A, B, C) };
    expect(editsOf([A, B, C], files)).toEqual({ ...NONE, retired: [C.id] });
  });

  test('changes words and place', () => {
    const now = [
      { ...fileLessonOf(A), text: 'One, always.' },
      { ...fileLessonOf(B), scope: { language: 'go', paths: [] } },
    ];
    expect(editsOf([A, B], { now, before: lines(A, B), proposed: null })).toEqual({
      ...NONE,
      changed: [
        { id: A.id, text: 'One, always.' },
        { id: B.id, scope: { language: 'go', paths: [] } },
      ],
    });
  });

  test('adds a line, also one of another installation, and one that was switched off', () => {
    const foreign = { ref: 'ffffffff', text: 'From elsewhere.', scope: { paths: [] } };
    const off = { ...MINE, state: 'off' as const };
    const now = [{ ref: null, text: 'New.', scope: { paths: [] } }, foreign, ...lines(off)];
    expect(editsOf([off], { now, before: [], proposed: null }).added.map(({ ref, text }) => [ref, text])).toEqual([
      [null, 'New.'],
      [null, 'From elsewhere.'],
      [null, 'Mine.'],
    ]);
  });

  test('who switched a lesson off elsewhere does not switch it on by leaving its line', () => {
    const off = [A, MINE].map((lesson) => ({ ...lesson, state: 'off' as const }));
    expect(editsOf(off, { now: lines(A, MINE), before: lines(A, MINE), proposed: null })).toEqual(NONE);
    const foreign = { ref: 'ffffffff', text: 'From elsewhere.', scope: { paths: [] } };
    expect(editsOf(off, { now: [foreign], before: [foreign], proposed: null })).toEqual(NONE);
  });
});

test('ids that begin alike are changed by nothing that the file says', () => {
  const twins = [A, { ...B, id: A.id.replace(/0$/, '1') }];
  expect(editsOf(twins, { now: [], before: lines(A), proposed: null }).retired).toEqual([]);
});

test('what was taken over once is not taken over again, through the file itself', () => {
  const pool = [A, B, C, MINE, known(5, 'Also mine.', { source: 'person' })];
  const some = fc.subarray(pool);
  fc.assert(
    fc.property(some, some, fc.option(some, { nil: null }), (now, before, proposed) => {
      const throughFile = (lessons: readonly KnownLesson[]) => parseLessons(renderLessons(lines(...lessons)));
      const files = { now: throughFile(now), before: throughFile(before), proposed: proposed && throughFile(proposed) };
      const { added, changed, retired } = editsOf(pool, files);
      expect([added, changed]).toEqual([[], []]);
      // Never one that the file has.
      expect(retired.filter((id) => now.some((lesson) => lesson.id === id))).toEqual([]);
      const after = pool.map((lesson) => (retired.includes(lesson.id) ? { ...lesson, state: 'off' as const } : lesson));
      expect(editsOf(after, { ...files, before: files.now })).toEqual(NONE);
    }),
  );
});
