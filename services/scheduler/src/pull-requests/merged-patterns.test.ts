import { describe, expect, test } from 'vitest';
import { type MergedChange, patternsOf } from './merged-patterns.ts';

const changes = (count: number, over: Partial<MergedChange>): MergedChange[] =>
  Array.from({ length: count }, (_, i) => ({ module: null, language: 'java', paths: [`src/A${i}.java`], ...over }));
const texts = (all: readonly MergedChange[]) => patternsOf(all).map(({ text }) => text);

describe('merged changes have in common', () => {
  test('that they come with tests, and where those are', () => {
    const tested = changes(4, { paths: ['src/A.java', 'src/test/java/ATest.java', 'src/test/java/BTest.java'] });
    expect(texts([...tested, ...changes(1, {})])).toContain(
      'Changes that people merge here come with tests, usually in src/test/java (4 of 5).',
    );
    expect(texts([...tested, ...changes(2, {})]).join()).not.toContain('tests');
    expect(texts(tested)).toEqual([]);
  });

  test('what they change along', () => {
    const all = Array.from({ length: 6 }, (_, i) => ({
      module: null,
      language: 'go',
      paths: [`a${i}.go`, ...(i < 5 ? ['CHANGELOG.md'] : [])],
    }));
    expect(texts(all)).toContain('Changes that people merge here also change CHANGELOG.md (5 of 6).');
  });

  test('that they are small, where a few are not', () => {
    const large = { paths: Array.from({ length: 12 }, (_, i) => `src/L${i}.java`) };
    expect(texts([...changes(8, {}), ...changes(1, large)])).toContain(
      'Changes that people merge here are small: at most 1 file (8 of 9).',
    );
    expect(texts(changes(9, large)).join()).not.toContain('small');
  });
});

describe('a pattern holds', () => {
  test('for a module where it does not for the language, and is not told of both', () => {
    const tested = { paths: ['core/a.js', 'core/a.test.js'] };
    const core = changes(5, { module: 'core', ...tested });
    const mixed = patternsOf([...core, ...changes(5, { module: 'web' })]);
    expect(mixed.filter(({ sameAs }) => sameAs === 'tests')).toMatchObject([{ module: 'core', language: 'java' }]);
    expect(patternsOf(core).filter(({ sameAs }) => sameAs === 'tests')).toMatchObject([{ module: null }]);
  });

  test('for one language only, and in any order of the changes the same', () => {
    const all = [...changes(5, { language: 'go', paths: ['a_test.go'] }), ...changes(5, { language: null })];
    expect(patternsOf(all).every(({ sameAs, language }) => sameAs !== 'tests' || language === 'go')).toBe(true);
    expect(patternsOf([...all].reverse())).toEqual(patternsOf(all));
  });
});
