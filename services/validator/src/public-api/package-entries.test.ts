import { expect, test } from 'vitest';
import { publishedPackage, sourceOfEntry } from './package-entries.ts';
import { plannedNames } from './planned-names.ts';

const manifest = (more: object) => JSON.stringify({ name: 'x', ...more });

test.each<[string, string | undefined, unknown]>([
  ['no manifest', undefined, null],
  ['a broken one', '{', null],
  ['a private package', manifest({ private: true, main: 'a.js' }), null],
  ['nothing said', manifest({}), ['. index.js']],
  ['main', manifest({ main: './lib/a.js' }), ['. ./lib/a.js']],
  ['types before main', manifest({ main: 'a.js', types: 'a.d.ts' }), ['. a.d.ts']],
  ['exports as one text', manifest({ exports: './a.js', types: './t.d.ts' }), ['. ./t.d.ts']],
  [
    'conditions, subpaths, and what cannot be listed',
    manifest({
      exports: {
        '.': { require: './a.cjs', import: { types: './a.d.mts', default: './a.mjs' } },
        './b': ['./b.js'],
        './style': './a.css',
        './package.json': './package.json',
        './all/*': './all/*.js',
        './no': null,
      },
    }),
    ['. ./a.d.mts', './b ./b.js'],
  ],
])('entries of a package: %s', (_what, text, expected) => {
  const found = publishedPackage(text);
  expect(found === null ? null : found.entries.map(({ subpath, file }) => `${subpath} ${file}`)).toEqual(expected);
});

test.each<[string, string[], string | null, string | null]>([
  ['./dist/index.d.ts', ['src/index.ts'], null, 'src/index.ts'],
  ['./dist/esm/a/b.js', ['src/a/b.tsx'], null, 'src/a/b.tsx'],
  ['./dist/a.mjs', ['code/a.mts', 'src/b.ts'], 'code', 'code/a.mts'],
  ['./a.js', ['a.js', 'a.d.ts'], null, 'a.d.ts'],
  ['./a.js', ['a.js'], null, 'a.js'],
  ['./lib/a.d.ts', ['lib/a.ts'], null, 'lib/a.ts'],
  ['./dist/index.js', ['other/index.ts'], null, null],
])('the source of %s among %j', (entry, files, rootDir, expected) => {
  expect(sourceOfEntry('', entry, new Set(files), rootDir)).toBe(expected);
  const below = new Set(files.map((path) => `packages/a/${path}`));
  expect(sourceOfEntry('packages/a/', entry, below, rootDir)).toBe(expected === null ? null : `packages/a/${expected}`);
});

test('what the specification names as code, or by a name that is no word, was planned', () => {
  const isPlanned = plannedNames({
    summary: 'Remove `total` and the old Cart.clear; add more. parseAll goes as well.',
    design: 'Callers of find(x) use LIMIT.',
    filesToChange: [],
    filesToRead: [],
    tests: [],
    criteria: [],
    risks: [],
  });
  for (const name of ['shop.total', 'shop.Cart#clear', 'find', 'parseAll', 'LIMIT']) expect(isPlanned(name)).toBe(true);
  for (const name of ['add', 'shop.more', 'old', 'Carts']) expect(isPlanned(name)).toBe(false);
  expect(plannedNames(null)('total')).toBe(false);
});
