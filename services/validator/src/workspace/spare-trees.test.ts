import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import { createRepository, type TestFile, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { layInSpare, populateWorkspace } from './spare-trees.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const { signal } = new AbortController();
const files: Record<string, TestFile> = Object.fromEntries(
  Array.from({ length: 1_000 }, (_, i) => [`src/m${i % 10}/f${i}.txt`, `${i}\n`]),
);
let count = 0;

async function prepared(base: Record<string, TestFile>, head: Record<string, TestFile | null>) {
  const place = join(folder.path, String(++count));
  const repository = createRepository(join(place, 'target'));
  const baseCommit = repository.commit(base);
  const gone = Object.entries(head).filter(([, content]) => content === null);
  for (const [path] of gone) rmSync(join(repository.path, path));
  const headCommit = repository.commit(
    Object.fromEntries(Object.entries(head).flatMap(([path, file]) => (file === null ? [] : [[path, file]]))),
  );
  const home = join(place, 'home');
  const mirror = await openMirror({ repo: repository.path, home, log: pino({ level: 'silent' }) });
  const options = { home, repositoryId: 'r', mirror, signal };
  const trees = join(home, 'cache', 'trees', 'r');
  const populate = async (commit: string) => {
    const dir = join(place, `work-${++count}`);
    mkdirSync(dir);
    await populateWorkspace({ ...options, commit, dir });
    return dir;
  };
  return { options, trees, populate, baseCommit, headCommit };
}
const same = (one: string, other: string) =>
  execFileSync('diff', ['-r', '--no-dereference', one, other]).toString() === '';

test('a workspace made from a spare holds what a checkout would, and the spare is gone', async () => {
  const { options, trees, populate, baseCommit, headCommit } = await prepared(
    { ...files, 'a/b.txt': 'a file', 'run.sh': 'x', 'only/one.txt': '1' },
    {
      'src/m0/f0.txt': 'changed\n',
      'only/one.txt': null,
      'a/b.txt': null,
      'a/b.txt/c.txt': 'a folder now',
      'new/file.txt': 'n',
    },
  );
  const plain = await populate(headCommit);
  expect(existsSync(trees)).toBe(false);
  await layInSpare({ ...options, commit: baseCommit });
  expect(readdirSync(trees)).toEqual([baseCommit]);
  const quick = await populate(headCommit);
  expect(readdirSync(trees)).toEqual([]);
  expect(same(plain, quick)).toBe(true);
  expect(existsSync(join(quick, 'only'))).toBe(false);
  expect(readFileSync(join(quick, 'a/b.txt/c.txt'), 'utf8')).toBe('a folder now');
});

test('where attributes change, everything is written anew', async () => {
  const { options, populate, baseCommit, headCommit } = await prepared(files, { '.gitattributes': '*.txt eol=crlf\n' });
  await layInSpare({ ...options, commit: baseCommit });
  expect(readFileSync(join(await populate(headCommit), 'src/m1/f1.txt'), 'utf8')).toBe('1\r\n');
});

test('of two that want a spare one takes it and the other makes its own', async () => {
  const { options, populate, baseCommit, headCommit } = await prepared(files, { 'x.txt': '1' });
  await layInSpare({ ...options, commit: baseCommit });
  const [one, other] = await Promise.all([populate(headCommit), populate(headCommit)]);
  expect(same(one, other)).toBe(true);
});

test('a spare of another commit makes way, and a small repository has none', async () => {
  const { options, trees, baseCommit, headCommit } = await prepared(files, { 'x.txt': '1' });
  await layInSpare({ ...options, commit: baseCommit });
  await layInSpare({ ...options, commit: headCommit });
  expect(readdirSync(trees)).toEqual([headCommit]);
  const small = await prepared({ 'a.txt': '1' }, { 'a.txt': '2' });
  await layInSpare({ ...small.options, commit: small.baseCommit });
  expect(existsSync(small.trees)).toBe(false);
});
