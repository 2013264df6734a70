import type { TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { expect, test } from 'vitest';
import { specification } from '../test/specification.ts';
import { checkPaths } from './check-paths.ts';

const file = (path: string, mode: TreeFile['mode'] = '100644'): TreeFile => ({
  path,
  mode,
  sha: '0'.repeat(40),
  size: 10,
});
const TREE = ['README.md', 'src/greet.js', '.env', 'package-lock.json', 'logo.png']
  .map((path) => file(path))
  .concat(file('link.js', '120000'));
const change = (path: string, action: 'create' | 'update' | 'delete' = 'update') => ({ path, action, why: '' });
const check = (over: Parameters<typeof specification>[0]) =>
  checkPaths(specification(over), TREE, ['.github/**', 'orchestrator.yaml']);

test('paths that fit the tree are taken as they are', () => {
  expect(check({})).toEqual({ specification: specification(), problems: [], dropped: [] });
});

test('updating and deleting what does not exist are problems', () => {
  const { problems } = check({ filesToChange: [change('src/gone.js'), change('old.js', 'delete')] });
  expect(problems).toEqual([
    'filesToChange: src/gone.js does not exist, so it cannot be updated',
    'filesToChange: old.js does not exist, so it cannot be deleted',
  ]);
});

test.each(['/etc/passwd', '../outside.js', 'a/../../b', '.git/hooks/pre-commit', 'C:/x', 'a//b', ''])(
  'the path "%s" leads out',
  (path) => {
    expect(check({ filesToChange: [change(path, 'create')] }).problems[0]).toMatch(/not a path below/);
  },
);

test.each(['.env', 'logo.png', 'link.js'])('%s cannot be given to a model', (path) => {
  expect(check({ filesToChange: [change(path)] }).problems).toHaveLength(1);
  const { specification: kept, dropped } = check({ filesToRead: [path, 'README.md'] });
  expect(kept.filesToRead).toEqual(['README.md']);
  expect(dropped).toHaveLength(1);
});

test('a lock file may change, with the dependency that it locks', () => {
  expect(check({ filesToChange: [change('package-lock.json')] }).problems).toEqual([]);
});

test('protected paths and files to read that do not exist are dropped with a note', () => {
  const {
    specification: kept,
    problems,
    dropped,
  } = check({
    filesToChange: [change('src/greet.js'), change('.github/workflows/ci.yml', 'create')],
    filesToRead: ['README.md', 'docs/gone.md'],
  });
  expect(problems).toEqual([]);
  expect(dropped).toEqual([
    'filesToChange: .github/workflows/ci.yml is protected',
    'filesToRead: docs/gone.md does not exist',
  ]);
  expect(kept.filesToChange.map(({ path }) => path)).toEqual(['src/greet.js']);
  expect(kept.filesToRead).toEqual(['README.md']);
});

test('creating what exists is an update, and what changes is not listed to be read as well', () => {
  const { specification: kept } = check({
    filesToChange: [change('./src/greet.js', 'create')],
    filesToRead: ['src/greet.js', 'README.md', 'README.md'],
  });
  expect(kept.filesToChange).toEqual([change('src/greet.js', 'update')]);
  expect(kept.filesToRead).toEqual(['README.md']);
});

test('a specification that changes nothing is a problem', () => {
  expect(check({ filesToChange: [] }).problems).toEqual(['filesToChange: there is no file to change']);
});
