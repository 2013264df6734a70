import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGitServer } from '@orchestrator/testkit/git/git-server.ts';
import {
  createRepository,
  repositoryAt,
  type TestRepository,
  temporaryFolder,
} from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { file, type JudgedRunOptions, judgedRun } from '../test/judged-run.ts';
import type { Publication } from './publish-stage.ts';

let database: TestDatabase;
let folder: { path: string; remove: () => void };
let home: string;
let target: TestRepository;
let baseCommit: string;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  target = createRepository(join(folder.path, 'app'));
  baseCommit = target.commit({ 'README.md': 'read me\n', 'src/old.js': 'old\n' });
});
afterEach(() => folder.remove());

const GREETING = file('src/greet.js', "export const greet = (name) => 'Hello ' + name;\r\n");
const judge = (options: Partial<JudgedRunOptions> = {}) =>
  judgedRun({
    db: database.database,
    home,
    url: target.path,
    baseCommit,
    branch: 'ai/greet',
    files: [GREETING, { op: 'delete', path: 'src/old.js' }],
    ...options,
  });
const publicationOf = (run: { artifacts: { kind: string; content: unknown }[] }) =>
  run.artifacts.find(({ kind }) => kind === 'publication')?.content as Publication | undefined;

describe('a change that passed', () => {
  test('is a branch with one commit on the base, which is the judged one', async () => {
    const run = await judge();
    await run.publish();
    expect(target.git('rev-parse', 'ai/greet')).toBe(run.headCommit);
    expect(target.git('rev-parse', 'ai/greet~1')).toBe(baseCommit);
    expect(target.git('show', 'ai/greet:src/greet.js')).toContain('Hello');
    expect(target.git('fsck', '--strict')).toBe('');
    const after = await run.read();
    expect(after.state).toBe('in_review');
    expect(after.pullRequests).toMatchObject([
      { branch: 'ai/greet', state: 'local', url: null, headCommit: run.headCommit, baseCommit, taskKey: run.taskKey },
    ]);
    expect(after.events.find(({ type }) => type === 'run.published')?.data).toMatchObject({
      branch: 'ai/greet',
      headCommit: run.headCommit,
      files: 2,
      addedLines: 1,
      deletedLines: 1,
    });
    expect(publicationOf(after)).toMatchObject({ branch: 'ai/greet', place: 'repository', url: null });
  });

  test('is a patch that git am turns into the same tree, with the evidence beside it', async () => {
    const run = await judge();
    await run.publish();
    const { patchPath, evidencePath, body } = publicationOf(await run.read()) as Publication;
    expect(patchPath).toBe(join(home, 'patches', `${run.taskKey}.patch`));
    const clone = join(folder.path, 'clone');
    execFileSync('git', ['clone', '--quiet', target.path, clone]);
    const other = repositoryAt(clone);
    other.git('am', '--quiet', '--keep-cr', patchPath);
    expect(other.git('rev-parse', 'HEAD^{tree}')).toBe(target.git('rev-parse', 'ai/greet^{tree}'));
    expect(other.git('log', '-1', '--format=%an %s')).toBe('AI Orchestrator A task');
    expect(readFileSync(evidencePath, 'utf8')).toBe(body);
    expect(body).toContain('Adds a greeting.');
  });

  test('leaves work tree, index, configuration and other branches of a dirty checkout as they are', async () => {
    target.write({ 'README.md': 'edited\n', 'new.txt': 'mine\n' });
    target.git('branch', 'other');
    const hooks = join(target.path, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of ['reference-transaction', 'post-update', 'pre-push', 'post-receive', 'update']) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${folder.path}/executed\n`);
      chmodSync(join(hooks, hook), 0o755);
    }
    const stateOf = () => [
      execFileSync(
        'sh',
        ['-c', 'sha256sum .git/index .git/config .git/HEAD README.md new.txt; stat -c %y .git/index README.md'],
        { cwd: target.path },
      ).toString(),
      target.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/main', 'refs/heads/other'),
    ];
    const before = stateOf();
    const run = await judge();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    expect(stateOf()).toEqual(before);
    expect(existsSync(join(folder.path, 'executed'))).toBe(false);
  });

  test('has a branch that git accepts, whatever the task is called', async () => {
    const run = await judge({ branch: 'ai/what: is~this?' });
    await run.publish();
    const branch = publicationOf(await run.read())?.branch as string;
    expect(branch).toMatch(/^ai\/what-is-this-[0-9a-f]{8}$/);
    expect(target.git('rev-parse', branch)).toBe(run.headCommit);
  });

  test.runIf(process.getuid?.() === 0)('belongs to the owner of the repository, not to root', async () => {
    execFileSync('chmod', ['755', folder.path]);
    execFileSync('chown', ['-R', '54321:54321', target.path]);
    const run = await judge();
    await run.publish();
    expect(statSync(join(target.path, '.git/refs/heads/ai/greet')).uid).toBe(54321);
    expect(execFileSync('find', [target.path, '-user', 'root']).toString()).toBe('');
  });

  test.each(['bare', 'shallow', 'worktree', 'sha256'])('is published into a %s repository', async (kind) => {
    const path = join(folder.path, kind);
    if (kind === 'bare') execFileSync('git', ['clone', '--quiet', '--bare', target.path, path]);
    else if (kind === 'shallow') execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${target.path}`, path]);
    else if (kind === 'worktree') target.git('worktree', 'add', '--quiet', '-b', 'side', path);
    else baseCommit = createRepository(path, ['--object-format=sha256']).commit({ 'src/old.js': 'old\n' });
    const run = await judge({ url: path });
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    expect(repositoryAt(path).git('rev-parse', 'ai/greet')).toBe(run.headCommit);
  });
});

describe('publishing again', () => {
  test('after a crash changes nothing and says the same', async () => {
    const run = await judge();
    target.git('fetch', '--quiet', run.mirror.gitDir, run.headCommit);
    target.git('update-ref', 'refs/heads/ai/greet', run.headCommit);
    await run.publish();
    const after = await run.read();
    expect(after.state).toBe('in_review');
    expect(after.pullRequests).toHaveLength(1);
    expect(target.git('reflog', 'show', 'ai/greet').split('\n')).toHaveLength(1);
  });

  test('after a crash is no conflict with somebody who has checked the branch out by now', async () => {
    const run = await judge();
    target.git('fetch', '--quiet', run.mirror.gitDir, run.headCommit);
    target.git('checkout', '--quiet', '-b', 'ai/greet', run.headCommit);
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
  });

  test('by a later run of the task replaces our own commit', async () => {
    const first = await judge();
    await first.publish();
    const second = await judge({ task: { ...first, number: 2 }, files: [file('src/greet.js', 'better\n')] });
    await second.publish();
    expect((await second.read()).state).toBe('in_review');
    expect(target.git('rev-parse', 'ai/greet')).toBe(second.headCommit);
    expect(await database.database.pullRequest.findMany({ where: { repositoryId: first.repositoryId } })).toMatchObject(
      [{ runId: second.runId, headCommit: second.headCommit }],
    );
  });
});

describe('a branch that is not ours to move is left as it is, and the patch kept:', () => {
  const expectRefused = async (run: Awaited<ReturnType<typeof judge>>, message: RegExp) => {
    const before = target.git('rev-parse', '--quiet', '--verify', 'ai/greet');
    await run.publish();
    const after = await run.read();
    expect(after).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT', pullRequests: [] });
    expect(after.endMessage).toMatch(message);
    expect(target.git('rev-parse', 'ai/greet')).toBe(before);
    expect(publicationOf(after)?.place).toBeNull();
    expect(existsSync(publicationOf(after)?.patchPath as string)).toBe(true);
  };

  test('somebody else made it', async () => {
    target.git('branch', 'ai/greet');
    await expectRefused(await judge(), /holds a commit that is not ours/);
  });

  test('somebody committed on top of ours', async () => {
    const first = await judge();
    await first.publish();
    target.git('checkout', '--quiet', 'ai/greet');
    target.commit({ 'fix.txt': 'by hand\n' });
    target.git('checkout', '--quiet', 'main');
    await expectRefused(await judge({ task: { ...first, number: 2 }, files: [file('x', 'y')] }), /not ours/);
  });

  test('somebody amended ours', async () => {
    const first = await judge();
    await first.publish();
    target.git('checkout', '--quiet', 'ai/greet');
    target.git('commit', '--quiet', '--amend', '--no-edit', '--reset-author');
    target.git('checkout', '--quiet', 'main');
    await expectRefused(await judge({ task: { ...first, number: 2 }, files: [file('x', 'y')] }), /not ours/);
  });

  test('it is checked out, here or in another work tree', async () => {
    const first = await judge();
    await first.publish();
    target.git('worktree', 'add', '--quiet', join(folder.path, 'side'), 'ai/greet');
    await expectRefused(
      await judge({ task: { ...first, number: 2 }, files: [file('x', 'y')] }),
      /is checked out in .*side/,
    );
  });

  test('it is the branch that a fresh checkout will be born on', async () => {
    target.git('checkout', '--quiet', '--orphan', 'ai/greet');
    const run = await judge();
    await run.publish();
    expect(await run.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FOREIGN_COMMIT' });
  });
});

test('a change that is not the judged one is not published', async () => {
  const run = await judge({ judged: 'f'.repeat(40) });
  await run.publish();
  expect(await run.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FAILED' });
  const failed = await judge({ passed: false, task: { ...run, number: 2 } });
  await failed.publish();
  expect(await failed.read()).toMatchObject({ state: 'failed', endCode: 'PUBLISH_FAILED' });
  expect(target.git('branch', '--list', 'ai/*')).toBe('');
});

test('a branch name that git cannot hold beside another is tried again, with the reason kept', async () => {
  target.git('branch', 'ai');
  const run = await judge();
  await run.publish();
  const { stageRuns, state } = await run.read();
  expect(state).toBe('publishing');
  expect(stageRuns[0]).toMatchObject({ state: 'pending', errorCount: 1, lastError: { code: 'PUBLISH_FAILED' } });
});

test('two repositories with the same task key do not share a patch', async () => {
  const first = await judge();
  const second = createRepository(join(folder.path, 'second'));
  baseCommit = second.commit({ 'src/old.js': 'x\n' });
  const other = await judge({ url: second.path });
  await database.database.task.update({ where: { id: other.taskId }, data: { key: first.taskKey } });
  await first.publish();
  await other.publish();
  const paths = [publicationOf(await first.read())?.patchPath, publicationOf(await other.read())?.patchPath];
  expect(new Set(paths).size).toBe(2);
});

test('a repository behind a URL gets no push: the branch is in the mirror, and that is a result', async () => {
  const server = await startGitServer({ root: folder.path });
  const run = await judge({ url: `${server.url}/app` });
  await run.publish();
  const after = await run.read();
  expect(after.state).toBe('in_review');
  expect(publicationOf(after)?.place).toBe('mirror');
  expect(target.git('branch', '--list', 'ai/*')).toBe('');
  target.git('fetch', '--quiet', run.mirror.gitDir, 'ai/greet');
  expect(target.git('rev-parse', 'FETCH_HEAD')).toBe(run.headCommit);
  await server.close();
});

test('a repository that may only be read gets no branch: it is in the mirror, beside the patch', async (context) => {
  const makeWritable = makeReadOnly(target.path);
  if (makeWritable === null) return context.skip('this machine does not let the test make a folder read-only');
  try {
    const run = await judge();
    await run.publish();
    const publication = publicationOf(await run.read());
    expect(publication?.place).toBe('mirror');
    expect(existsSync(publication?.patchPath ?? '')).toBe(true);
    expect(target.git('branch', '--list', 'ai/*')).toBe('');
    execFileSync('git', ['--git-dir', run.mirror.gitDir, 'rev-parse', '--verify', '--quiet', 'refs/heads/ai/greet']);
  } finally {
    makeWritable();
  }
});

/** What undoes it; null where that cannot be done. Permissions mean nothing to root, so for root it is a mount. */
function makeReadOnly(path: string): (() => void) | null {
  if (process.getuid?.() !== 0) {
    execFileSync('chmod', ['-R', 'a-w', path]);
    return () => execFileSync('chmod', ['-R', 'u+w', path]);
  }
  try {
    execFileSync('mount', ['--bind', path, path], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'remount,bind,ro', path], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return () => execFileSync('umount', [path]);
}
