import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRepository,
  repositoryAt,
  type TestRepository,
  temporaryFolder,
} from '@orchestrator/testkit/git/test-repository.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMirror } from './open-mirror.ts';

const log = pino({ level: 'silent' });
let folder: { path: string; remove: () => void };
let home: string;
let source: TestRepository;

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  source = createRepository(join(folder.path, 'my-app'));
});
afterEach(() => folder.remove());

const open = (repo = source.path) => openMirror({ repo, home, log });

/** Everything of a checkout that a reader could disturb, in words. */
function snapshot(repository: TestRepository): string {
  return execFileSync(
    'sh',
    ['-c', 'find . -type f ! -path "./.git/logs/*" -printf "%p %T@ %m " -exec sha256sum {} \\;| sort'],
    { cwd: repository.path },
  ).toString();
}

describe('a local checkout', () => {
  test('is known by its folder, and its files are read from the commit', async () => {
    const commit = source.commit({ 'README.md': 'committed\n', 'bin/run.sh': { content: '#!/bin/sh\n', mode: 0o755 } });
    const mirror = await open();
    expect(mirror.identity).toMatchObject({ kind: 'local', name: 'my-app', url: source.path });
    expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
    expect((await mirror.listFiles(commit)).map(({ path, mode, size }) => [path, mode, size])).toEqual([
      ['README.md', '100644', 10],
      ['bin/run.sh', '100755', 10],
    ]);
    expect((await mirror.readFile(commit, 'README.md'))?.toString()).toBe('committed\n');
  });

  test('stays as it is to the byte and to the second, dirty as it may be', async () => {
    source.commit({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
    source.write({ 'a.txt': 'edited\n', 'untracked.txt': 'mine\n' });
    source.git('add', 'b.txt');
    const before = snapshot(source);
    const mirror = await open();
    const { commit } = await mirror.head(null);
    await mirror.refresh();
    expect((await mirror.readFile(commit, 'a.txt'))?.toString()).toBe('one\n');
    expect(snapshot(source)).toBe(before);
  });

  test('on another branch or detached is worked on at its default branch', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    source.git('checkout', '--quiet', '-b', 'feature');
    const feature = source.commit({ 'a.txt': 'two\n' });
    const mirror = await open();
    expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
    source.git('checkout', '--quiet', '--detach');
    const detached = source.commit({ 'a.txt': 'three\n' });
    await mirror.refresh();
    expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
    expect(await mirror.head('feature')).toEqual({ branch: 'feature', commit: feature });
    expect(await mirror.resolve('HEAD')).toBe(detached);
  });

  test('takes the default branch from its origin, whatever it is called', async () => {
    source.commit({ 'a.txt': 'one\n' });
    source.git('branch', '--move', 'release');
    source.git('branch', 'main');
    const clone = join(folder.path, 'clone');
    execFileSync('git', ['clone', '--quiet', source.path, clone]);
    repositoryAt(clone).git('checkout', '--quiet', '-b', 'main', 'origin/main');
    expect((await (await open(clone)).head(null)).branch).toBe('release');
  });

  test('may be a linked worktree, a bare repository or a file URL', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    source.git('worktree', 'add', '--quiet', '-b', 'side', join(folder.path, 'side'));
    const bare = join(folder.path, 'bare.git');
    execFileSync('git', ['clone', '--quiet', '--bare', source.path, bare]);
    for (const repo of [join(folder.path, 'side'), bare, `file://${source.path}`]) {
      expect(await (await open(repo)).head('main')).toEqual({ branch: 'main', commit });
    }
    expect((await open(join(folder.path, 'side'))).gitDir).toBe((await open()).gitDir);
    expect((await open(bare)).identity.name).toBe('bare');
  });

  test('may be a shallow clone', async () => {
    source.commit({ 'a.txt': 'one\n' });
    const commit = source.commit({ 'a.txt': 'two\n' });
    const shallow = join(folder.path, 'shallow');
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${source.path}`, shallow]);
    const mirror = await open(shallow);
    expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
    expect((await mirror.readFile(commit, 'a.txt'))?.toString()).toBe('two\n');
  });

  test('may count its commits by SHA-256, also when it was empty at first', async () => {
    const repository = createRepository(join(folder.path, 'sha256'), ['--object-format=sha256']);
    const mirror = await open(repository.path);
    await expect(mirror.head(null)).rejects.toMatchObject({ code: 'REPO_EMPTY' });
    const commit = repository.commit({ 'a.txt': 'one\n' });
    expect(commit).toHaveLength(64);
    await mirror.refresh();
    expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
    const changed = await mirror.commitChangeSet(
      { baseCommit: commit, summary: '', files: [{ op: 'delete', path: 'a.txt' }] },
      { message: 'Remove', authorName: 'A', authorEmail: 'a@example.com', date: new Date(0) },
    );
    expect(await mirror.listFiles(changed)).toEqual([]);
  });

  test('may belong to another user', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    if (process.getuid?.() !== 0) return;
    execFileSync('chown', ['-R', '54321:54321', source.path]);
    expect((await (await open()).head(null)).commit).toBe(commit);
  });

  test('may borrow objects from elsewhere: the mirror holds its own', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    const borrower = join(folder.path, 'borrower');
    execFileSync('git', ['clone', '--quiet', '--shared', source.path, borrower]);
    const mirror = await open(borrower);
    rmSync(source.path, { recursive: true });
    expect(existsSync(join(mirror.gitDir, 'objects/info/alternates'))).toBe(false);
    expect((await mirror.readFile(commit, 'a.txt'))?.toString()).toBe('one\n');
  });
});

describe('what cannot be used is refused', () => {
  test.each(['missing', 'my-app/sub', 'file.txt'])('%s is not a repository', async (name) => {
    source.write({ 'sub/file.txt': 'x', '../file.txt': 'x' });
    await expect(open(join(folder.path, name))).rejects.toMatchObject({ code: 'REPO_NOT_FOUND' });
  });

  test('a repository without commits has no head', async () => {
    const mirror = await open();
    await expect(mirror.head(null)).rejects.toMatchObject({ code: 'REPO_EMPTY' });
    const commit = source.commit({ 'a.txt': 'one\n' });
    expect((await (await open()).head(null)).commit).toBe(commit);
  });

  test('a repository whose default branch cannot be told says why', async () => {
    source.commit({ 'a.txt': 'one\n' });
    source.git('branch', '--move', 'x');
    source.git('branch', 'y');
    source.git('checkout', '--quiet', '--detach');
    const mirror = await open();
    await expect(mirror.head(null)).rejects.toMatchObject({
      code: 'REPO_NO_DEFAULT_BRANCH',
      detail: { reason: expect.stringContaining('detached') },
    });
    await expect(mirror.head('z')).rejects.toMatchObject({
      code: 'REPO_NO_DEFAULT_BRANCH',
      detail: { reason: 'it has no branch z' },
    });
    expect((await mirror.head('y')).branch).toBe('y');
  });

  test('a home that cannot be written is named', async () => {
    source.commit({ 'a.txt': 'one\n' });
    mkdirSync(home);
    source.write({ '../home/mirrors': 'a file is in the way' });
    await expect(open()).rejects.toMatchObject({ code: 'HOME_NOT_WRITABLE', detail: { path: join(home, 'mirrors') } });
    chmodSync(home, 0o700);
  });
});

describe('an existing mirror', () => {
  test('is opened without fetching, and fetched where a wanted commit is not in it', async () => {
    const first = source.commit({ 'a.txt': 'one\n' });
    await open();
    const second = source.commit({ 'a.txt': 'two\n' });
    expect((await (await open()).head(null)).commit).toBe(first);
    expect(await (await openMirror({ repo: source.path, home, log, commit: second })).resolve(second)).toBe(second);
  });

  test('follows branches that are rewritten, renamed and removed', async () => {
    source.commit({ 'a.txt': 'one\n' });
    source.git('branch', 'topic');
    const mirror = await open();
    source.git('branch', '--delete', 'topic');
    source.git('branch', 'topic/part');
    source.git('commit', '--quiet', '--amend', '--allow-empty', '--message', 'Rewritten');
    await mirror.refresh();
    expect((await mirror.head(null)).commit).toBe(source.git('rev-parse', 'main'));
    expect(await mirror.resolve('topic')).toBeNull();
    expect(await mirror.resolve('topic/part')).not.toBeNull();
  });

  test('keeps its own branches through a refresh', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    const mirror = await open();
    await mirror.setBranch('ai/task', commit);
    await mirror.refresh();
    expect(await mirror.resolve('ai/task')).toBe(commit);
  });

  test('that is damaged is made anew', async () => {
    const commit = source.commit({ 'a.txt': 'one\n' });
    const { gitDir } = await open();
    rmSync(join(gitDir, 'objects'), { recursive: true });
    rmSync(join(gitDir, 'orchestrator-fetched.json'));
    expect((await (await open()).head(null)).commit).toBe(commit);
    expect(readFileSync(join(gitDir, 'HEAD'), 'utf8')).toContain('refs/heads/');
  });
});
