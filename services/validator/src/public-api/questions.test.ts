import { expect, test } from 'vitest';
import type { Versions } from './api-question.ts';
import { goQuestions } from './go-questions.ts';
import { pythonQuestions } from './python-questions.ts';
import { typescriptQuestions } from './typescript-questions.ts';

type Files = Readonly<Record<string, string>>;

const version = (files: Files): Versions['before'] => ({
  paths: Object.keys(files),
  read: async (paths) => new Map(paths.flatMap((path) => (path in files ? [[path, files[path] as string]] : []))),
});
const versions = (before: Files, change: Files, deleted: readonly string[] = []): Versions => ({
  before: version(before),
  after: version(
    Object.fromEntries(Object.entries({ ...before, ...change }).filter(([path]) => !deleted.includes(path))),
  ),
  changed: [...Object.keys(change), ...deleted],
});

const NODE = {
  'package.json': '{ "name": "root", "private": true }',
  'packages/a/package.json': '{ "name": "@x/a", "exports": { ".": "./dist/a.js", "./b": "./dist/b.js" } }',
  'packages/a/tsconfig.json': '{ "compilerOptions": { "rootDir": "./code" } } // why',
  'packages/a/code/a.ts': '',
  'packages/a/code/b.ts': '',
  'packages/own/package.json': '{ "name": "own", "private": true, "main": "a.js" }',
  'packages/own/a.js': '',
  'packages/lost/package.json': '{ "name": "lost", "main": "build/out.js" }',
  'packages/lost/source.ts': '',
  'test/fixtures/package.json': '{ "name": "fixture", "main": "a.js" }',
  'test/fixtures/a.js': '',
};

test.each<[string, Versions, unknown, string[]]>([
  [
    'a published package, with the sources of its entries',
    versions(NODE, { 'packages/a/code/c.ts': '' }),
    [
      { subpath: '.', old: 'packages/a/code/a.ts', new: 'packages/a/code/a.ts' },
      { subpath: './b', old: 'packages/a/code/b.ts', new: 'packages/a/code/b.ts' },
    ],
    [],
  ],
  [
    'an entry that the manifest does not name any more, and one whose source is gone',
    versions(NODE, { 'packages/a/package.json': '{ "name": "@x/a", "exports": { ".": "./dist/a.js" } }' }, [
      'packages/a/code/a.ts',
    ]),
    [
      { subpath: '.', old: 'packages/a/code/a.ts', new: null },
      { subpath: './b', old: 'packages/a/code/b.ts', new: null },
    ],
    [],
  ],
  ['a private package', versions(NODE, { 'packages/own/a.js': '1' }), null, []],
  ['what is written for tests', versions(NODE, { 'test/fixtures/a.js': '1', 'packages/a/test/a.ts': '' }), null, []],
  ['a text', versions(NODE, { 'packages/a/README.md': '1' }), null, []],
  ['a package whose sources cannot be found', versions(NODE, { 'packages/lost/source.ts': '1' }), null, ['lost']],
])('npm: %s', async (_what, given, entries, untold) => {
  const found = await typescriptQuestions(given);
  expect(found.questions.map(({ argv }) => JSON.parse(argv.at(-1) ?? '').entries)).toEqual(
    entries === null ? [] : [entries],
  );
  expect(found.untold).toEqual(untold);
});

const PYTHON = {
  'pyproject.toml': '[project]\nname = "shop"\n',
  'src/shop/__init__.py': '',
  'src/shop/cart.py': '',
  'tools/gen.py': '',
  'tests/__init__.py': '',
  'services/mail/setup.py': '',
  'services/mail/mail/__init__.py': '',
  'services/mail/_private/__init__.py': '',
};

test.each<[string, Versions, string[]]>([
  ['a package below src', versions(PYTHON, { 'src/shop/cart.py': '1' }), ['shop src/']],
  ['a package of a project within', versions(PYTHON, { 'services/mail/mail/a.py': '' }), ['mail services/mail/']],
  [
    'tests, tools, private packages and single files',
    versions(PYTHON, { 'tests/test_a.py': '', 'tools/gen.py': '1', 'services/mail/_private/a.py': '', 'main.py': '' }),
    [],
  ],
  [
    'a project that nobody installs',
    versions({ ...PYTHON, 'pyproject.toml': '[tool.x]\n' }, { 'src/shop/cart.py': '1' }),
    [],
  ],
])('Python: %s', async (_what, given, expected) => {
  expect((await pythonQuestions(given)).map(({ argv }) => argv.slice(-2).join(' '))).toEqual(expected);
});

const GO = {
  'go.mod': 'module example.com/m\n',
  'm.go': 'package m\n',
  'cmd/tool/main.go': 'package main\n',
  'internal/x/x.go': 'package x\n',
  'sub/go.mod': 'module example.com/m/sub\n',
  'sub/s.go': 'package sub\n',
};

test.each<[string, Versions, string[]]>([
  ['the module', versions(GO, { 'm.go': 'package m // \n' }), ['example.com/m .']],
  ['a module within', versions(GO, { 'sub/s.go': 'package sub // \n' }), ['example.com/m/sub sub/']],
  ['a package that is gone', versions(GO, {}, ['m.go']), ['example.com/m .']],
  [
    'programs, tests and internal packages',
    versions(GO, {
      'cmd/tool/main.go': 'package main // \n',
      'm_test.go': 'package m\n',
      'internal/x/x.go': 'package x // \n',
    }),
    [],
  ],
])('Go: %s', async (_what, given, expected) => {
  expect((await goQuestions(given)).map(({ argv }) => argv.slice(-2).join(' '))).toEqual(expected);
});
