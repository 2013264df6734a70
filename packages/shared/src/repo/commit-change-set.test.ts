import { join } from 'node:path';
import { createRepository, type TestRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeSet, FileChange } from '../contracts/change-set.ts';
import type { CommitOptions, Mirror } from './mirror.ts';
import { openMirror } from './open-mirror.ts';

const OPTIONS: CommitOptions = {
  message: 'Add it\n\nTask: t\n',
  authorName: 'AI',
  authorEmail: 'ai@example.com',
  date: new Date('2026-01-02T03:04:05Z'),
};
const folder = temporaryFolder();
let source: TestRepository;
let mirror: Mirror;
let base: string;

beforeAll(async () => {
  source = createRepository(join(folder.path, 'app'));
  source.write({
    'README.md': 'read me\n',
    'run.sh': { content: '#!/bin/sh\n', mode: 0o755 },
    'src/main.js': 'main\r\n',
    'lib/one/a.js': 'a\n',
    up: { link: '/etc' },
    'link.md': { link: 'README.md' },
    'Ünïcode/straße.txt': 'x\n',
  });
  source.git('add', '--all');
  source.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor`);
  source.git('commit', '--quiet', '--message', 'Base');
  base = source.git('rev-parse', 'HEAD');
  mirror = await openMirror({ repo: source.path, home: join(folder.path, 'home'), log: pino({ level: 'silent' }) });
});
afterAll(() => folder.remove());

const write = (path: string, content: string | Buffer = 'new\n', mode: '100644' | '100755' = '100644'): FileChange => ({
  op: 'write',
  path,
  mode,
  contentBase64: Buffer.from(content).toString('base64'),
});
const remove = (path: string): FileChange => ({ op: 'delete', path });
const changeSet = (...files: FileChange[]): ChangeSet => ({ baseCommit: base, summary: '', files });
const commit = (...files: FileChange[]) => mirror.commitChangeSet(changeSet(...files), OPTIONS);

test('the commit has the base as parent, the given author and date, and exactly the changes', async () => {
  const id = await commit(write('src/main.js', 'changed\r\n'), write('src/new.js', 'x'), remove('lib/one/a.js'));
  expect(await mirror.diff(base, id)).toMatch(/deleted file mode 100644/);
  expect(await mirror.diffStat(base, id)).toEqual({ files: 3, addedLines: 2, deletedLines: 2 });
  const [tree, ...rest] = source.git('--git-dir', mirror.gitDir, 'cat-file', 'commit', id).split('\n');
  expect(tree).toMatch(/^tree /);
  expect(rest).toEqual([
    `parent ${base}`,
    'author AI <ai@example.com> 1767323045 +0000',
    'committer AI <ai@example.com> 1767323045 +0000',
    '',
    'Add it',
    '',
    'Task: t',
  ]);
  expect((await mirror.readFile(id, 'src/main.js'))?.toString()).toBe('changed\r\n');
});

test('the same change set gives the same commit, from another mirror too', async () => {
  const other = await openMirror({
    repo: source.path,
    home: join(folder.path, 'home-2'),
    log: pino({ level: 'silent' }),
  });
  const changes = changeSet(write('a/b/c.txt', 'deep\n', '100755'), remove('README.md'));
  const ids = await Promise.all([mirror, mirror, other].map((each) => each.commitChangeSet(changes, OPTIONS)));
  expect(new Set(ids).size).toBe(1);
});

test('contents arrive byte for byte: line endings, BOM, no final newline, no UTF-8, empty', async () => {
  const contents = {
    'crlf.txt': '\ufeffa\r\nb',
    'latin1.txt': Buffer.from([0xe9, 0x0a, 0xff]),
    'empty.txt': '',
    'nul.bin': Buffer.from([0, 1, 2, 0]),
  };
  const id = await commit(...Object.entries(contents).map(([path, content]) => write(path, content)));
  const read = await mirror.readFiles(id, Object.keys(contents));
  for (const [path, content] of Object.entries(contents)) expect(read.get(path)).toEqual(Buffer.from(content));
});

test('a change of the mode alone is a change', async () => {
  const id = await commit(write('README.md', 'read me\n', '100755'));
  expect((await mirror.listFiles(id)).find((file) => file.path === 'README.md')?.mode).toBe('100755');
});

test('a file may give way to a folder, a folder to a file, and a name to the same name in other case', async () => {
  const paths = async (id: string) => (await mirror.listFiles(id)).map((file) => file.path);
  expect(await paths(await commit(remove('README.md'), write('README.md/part.md')))).toContain('README.md/part.md');
  expect(await paths(await commit(remove('lib/one/a.js'), write('lib')))).toContain('lib');
  expect(await paths(await commit(remove('README.md'), write('readme.md')))).toContain('readme.md');
});

describe('refused, with nothing committed:', () => {
  const long = 'n'.repeat(256);
  test.each([
    ['../x', 'has a part ..'],
    ['/etc/x', 'is not relative'],
    ['a/../../x', 'has a part ..'],
    ['a/./x', 'has a part .'],
    ['C:\\x', 'backslash'],
    ['C:/x', 'is not relative'],
    ['..\\x', 'backslash'],
    ['a\0b', 'control character'],
    ['a\nb', 'control character'],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    [long, 'longer than 255 bytes'],
    [`${'a/'.repeat(2_000)}b`, 'longer than 4000 bytes'],
    ['.git/hooks/x', '.git folder'],
    ['.GIT/config', '.git folder'],
    ['sub/.git/config', '.git folder'],
    ['.git./x', '.git folder'],
    ['.git /x', '.git folder'],
    ['.g\u200cit/x', '.git folder'],
    ['git~1', '.git folder'],
    ['.git::$INDEX_ALLOCATION/x', '.git folder'],
    ['name. ', 'ends in a dot or a space'],
    ['\ud800', 'not valid Unicode'],
  ])('the path %j', async (path, problem) => {
    await expect(commit(write('ok.txt'), write(path))).rejects.toMatchObject({
      code: 'EDIT_REJECTED',
      message: expect.stringContaining(problem),
    });
  });

  test.each<[string, FileChange[], string]>([
    ['a write through a link', [write('up/passwd')], 'lies behind the symbolic link up'],
    ['a write onto a link', [write('link.md')], 'is a symbolic link'],
    [
      'a write through a link that it deletes first',
      [remove('up'), write('up/passwd')],
      'lies behind the symbolic link up',
    ],
    ['a write into a submodule', [write('vendor/x')], 'lies in the submodule vendor'],
    ['a write onto a submodule', [write('vendor')], 'is a submodule'],
    ['the removal of a submodule', [remove('vendor')], 'is a submodule'],
    ['a write onto a folder', [write('lib')], 'is a folder'],
    ['a folder where a file is', [write('README.md/x')], 'needs a folder where the file README.md is'],
    ['the removal of what is not there', [remove('nothing')], 'does not exist'],
    ['the removal of a folder', [remove('lib')], 'does not exist'],
    ['a path twice', [write('x'), remove('x')], 'is changed twice'],
    ['a file that is another but for its case', [write('readme.MD')], 'differs from README.md only'],
    ['a folder that is another but for its case', [write('LIB/two.js')], 'differs from lib only'],
    ['a name in another Unicode form', [write('U\u0308ni\u0308code/x')], 'differs from Ünïcode only'],
    ['two new names alike', [write('x.txt'), write('X.txt')], 'differs from'],
  ])('%s', async (_, files, problem) => {
    await expect(commit(write('ok.txt'), ...files)).rejects.toMatchObject({
      code: 'EDIT_REJECTED',
      message: expect.stringContaining(problem),
    });
  });
});

test('whatever path is asked for, either it is refused or it alone appears in the tree', async () => {
  const name = fc.stringMatching(/^[.gitGIT~1 a:\u200c/\\-]{1,8}$/);
  const before = new Set((await mirror.listFiles(base)).map((file) => file.path));
  await fc.assert(
    fc.asyncProperty(name, async (path) => {
      const id = await commit(write(path)).catch((error: { code?: string }) => {
        expect(error.code).toBe('EDIT_REJECTED');
        return null;
      });
      if (id === null) return;
      expect((await mirror.listFiles(id)).map((file) => file.path).filter((each) => !before.has(each))).toEqual([path]);
      expect(path.split('/').map((part) => part.toLowerCase().replace(/[\u200c. ]/g, ''))).not.toContain('git');
    }),
    { numRuns: 60 },
  );
});
