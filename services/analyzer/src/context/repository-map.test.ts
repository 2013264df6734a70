import { expect, test } from 'vitest';
import { estimateTokens } from './estimate-tokens.ts';
import { repositoryMap } from './repository-map.ts';

const PATHS = ['README.md', 'src/a.js', 'src/deep/b.js', 'src/deep/c.js', 'test/a.test.js'];

test('the tree stands as indented lines, folders first', async () => {
  expect(await repositoryMap(PATHS, 1_000)).toBe(
    'src/\n  deep/\n    b.js\n    c.js\n  a.js\ntest/\n  a.test.js\nREADME.md',
  );
});

test('the deepest folders are closed first where room is short', async () => {
  const many = [...PATHS, ...Array.from({ length: 200 }, (_, n) => `src/deep/file-number-${n}.js`)];
  expect(await repositoryMap(many, 60)).toBe('src/\n  deep/ (202 files)\n  a.js\ntest/\n  a.test.js\nREADME.md');
});

test('a root of thousands of files is cut, and says how many are left out', async () => {
  const map = await repositoryMap(
    Array.from({ length: 5_000 }, (_, n) => `file-${n}.js`),
    300,
  );
  expect(await estimateTokens(map)).toBeLessThanOrEqual(300);
  expect(map).toMatch(/\(\d{4} more\)$/);
});

test('no files give an empty map', async () => {
  expect(await repositoryMap([], 100)).toBe('');
});
