import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, type TestRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diffCommits, formatPatch } from './diff.ts';
import { git } from './git.ts';
import { openMirror } from './open-mirror.ts';

const log = pino({ level: 'silent' });
let folder: { path: string; remove: () => void };
let source: TestRepository;
let canary: string;

beforeEach(() => {
  folder = temporaryFolder();
  source = createRepository(join(folder.path, 'app'));
  canary = join(folder.path, 'executed');
});
afterEach(() => folder.remove());

const open = () => openMirror({ repo: source.path, home: join(folder.path, 'home'), log });
const touch = () => `sh -c 'echo "$0 $*" >> ${canary}'`;

/** Every operation of a mirror, once. */
async function useEverything(): Promise<void> {
  const mirror = await open();
  await mirror.refresh();
  const { commit } = await mirror.head(null);
  await mirror.readFiles(commit, ['a.txt']);
  const options = { message: 'm', authorName: 'A', authorEmail: 'a@example.com', date: new Date(0) };
  const file = { op: 'write', path: 'new.txt', mode: '100644', contentBase64: 'eA==' } as const;
  const head = await mirror.commitChangeSet({ baseCommit: commit, summary: '', files: [file] }, options);
  await mirror.diff(commit, head);
  await mirror.diffStat(commit, head);
  await mirror.formatPatch(head);
  await mirror.checkout(head, join(folder.path, `out-${Math.random()}`));
}

/** All that git would execute on some plain command in this repository. */
function arm(): void {
  const hooks = join(source.path, '.git/hooks');
  mkdirSync(hooks, { recursive: true });
  for (const hook of [
    'post-checkout',
    'pre-commit',
    'post-update',
    'reference-transaction',
    'post-index-change',
    'pre-receive',
    'update',
    'fsmonitor-watchman',
  ]) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${canary}\n`, { mode: 0o755 });
  }
  const settings = {
    'core.fsmonitor': join(hooks, 'fsmonitor-watchman'),
    'core.sshCommand': touch(),
    'core.pager': touch(),
    'core.editor': touch(),
    'core.askPass': touch(),
    'core.alternateRefsCommand': touch(),
    'diff.external': touch(),
    'diff.evil.command': touch(),
    'diff.evil.textconv': touch(),
    'filter.evil.smudge': touch(),
    'filter.evil.clean': touch(),
    'filter.evil.process': touch(),
    'filter.evil.required': 'true',
    'merge.evil.driver': touch(),
    'credential.helper': `!${touch()}`,
    'uploadpack.packObjectsHook': touch(),
    'gpg.program': touch(),
    'commit.gpgSign': 'true',
    'log.showSignature': 'true',
    'submodule.vendor.update': `!${touch()}`,
  };
  for (const [key, value] of Object.entries(settings)) source.git('config', key, value);
}

test('nothing that the repository configures is executed: hooks, fsmonitor, drivers, filters, helpers', async () => {
  source.commit({ 'a.txt': 'one\n', '.gitattributes': '* filter=evil diff=evil merge=evil\n' });
  arm();
  await useEverything();
  expect(existsSync(canary) && readFileSync(canary, 'utf8')).toBe(false);
});

test('nor is it by git in the repository itself, which is where changes are published', async () => {
  const before = source.commit({ 'a.txt': 'one\n' });
  const after = source.commit({ 'a.txt': 'two\n' });
  arm();
  const gitDir = join(source.path, '.git');
  await git(['update-ref', 'refs/heads/ai/x', after], { gitDir });
  await git(['worktree', 'list', '--porcelain'], { gitDir });
  await git(['status'], { gitDir, workTree: source.path, cwd: source.path });
  expect(await diffCommits(before, after, { gitDir })).toContain('+two');
  expect((await formatPatch(after, { gitDir })).toString()).toContain('+two');
  expect(existsSync(canary) && readFileSync(canary, 'utf8')).toBe(false);
});

test('the traps of that test do go off for ordinary git', () => {
  source.commit({ 'a.txt': 'one\n', '.gitattributes': '* diff=evil\n' });
  arm();
  source.write({ 'a.txt': 'two\n' });
  try {
    source.git('status');
    source.git('diff');
  } catch {
    // the drivers answer nonsense
  }
  expect(readFileSync(canary, 'utf8')).toMatch(/fsmonitor/);
});

test('a partial clone does not fetch what it lacks by its own configured command', async () => {
  source.commit({ 'a.txt': 'one\n' });
  source.git('config', 'uploadpack.allowFilter', 'true');
  const partial = join(folder.path, 'partial');
  execFileSync('git', ['clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${source.path}`, partial]);
  execFileSync('git', ['-C', partial, 'config', 'remote.origin.url', 'ssh://host/x']);
  execFileSync('git', ['-C', partial, 'config', 'core.sshCommand', touch()]);
  await expect(openMirror({ repo: partial, home: join(folder.path, 'home'), log })).rejects.toMatchObject({
    code: 'REPO_UNREACHABLE',
    detail: { reason: expect.stringContaining('partial clone') },
  });
  expect(existsSync(canary)).toBe(false);
});

test('submodules are not fetched, whatever their address', async () => {
  const url = `ext::${touch()}`;
  source.write({ '.gitmodules': `[submodule "vendor"]\n\tpath = vendor\n\turl = ${url}\n\tupdate = !${touch()}\n` });
  source.git('add', '--all');
  source.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor`);
  source.git('commit', '--quiet', '--message', 'Submodule');
  source.git('config', 'submodule.vendor.url', url);
  source.git('config', 'fetch.recurseSubmodules', 'true');
  await useEverything();
  const mirror = await open();
  const { commit } = await mirror.head(null);
  const out = join(folder.path, 'out');
  await mirror.checkout(commit, out);
  expect((await mirror.listFiles(commit)).find((file) => file.path === 'vendor')).toMatchObject({
    mode: '160000',
    size: 0,
  });
  expect(readdirSync(join(out, 'vendor'))).toEqual([]);
  expect(existsSync(canary)).toBe(false);
});

test('links are written as links and never followed or read through', async () => {
  const commit = source.commit({ etc: { link: '/etc' }, passwd: { link: '/etc/passwd' }, loop: { link: 'loop' } });
  const mirror = await open();
  const out = join(folder.path, 'out');
  await mirror.checkout(commit, out);
  expect(readlinkSync(join(out, 'passwd'))).toBe('/etc/passwd');
  expect(lstatSync(join(out, 'loop')).isSymbolicLink()).toBe(true);
  expect([...(await mirror.readFiles(commit, ['passwd', 'loop', 'etc/passwd'])).keys()]).toEqual([]);
});

test('a forged tree that would write through its own link, or into .git, leaves nothing outside the folder', async () => {
  source.commit({ 'a.txt': 'one\n' });
  const outside = join(folder.path, 'outside');
  mkdirSync(outside);
  const blob = (content: string) =>
    execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: source.path, input: content }).toString().trim();
  const raw = (entries: [mode: string, name: string, id: string][]) =>
    execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
      cwd: source.path,
      input: Buffer.concat(
        entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
      ),
    })
      .toString()
      .trim();
  const inner = raw([['100644', 'x', blob('escaped')]]);
  const forged = [
    raw([
      ['120000', 'd', blob(outside)],
      ['40000', 'd', inner],
    ]),
    raw([['40000', '..', raw([['40000', 'outside', inner]])]]),
    raw([['40000', '.git', raw([['100644', 'config', blob('[core]')]])]]),
    raw([['100644', '../outside/x', blob('escaped')]]),
  ];
  for (const [index, tree] of forged.entries()) {
    const commit = source.git('commit-tree', tree, '-m', 'Forged');
    source.git('update-ref', 'refs/heads/main', commit);
    const out = join(folder.path, `out-${index}`);
    await open()
      .then(async (mirror) => {
        await mirror.refresh();
        expect(await mirror.resolve('main')).toBe(commit);
        await mirror.checkout(commit, out);
      })
      .catch((error: Error) => expect(error.message).toMatch(/invalid path|unable to|cannot be fetched|not.*created/));
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(join(out, '.git'))).toBe(false);
  }
});

test('a folder that is not empty is not written into', async () => {
  const commit = source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  await expect(mirror.checkout(commit, source.path)).rejects.toThrow('is not empty');
});

test('other transports are closed to every call that does not need them', async () => {
  source.commit({ 'a.txt': 'one\n' });
  await expect(git(['ls-remote', source.path])).rejects.toThrow(/transport 'file' not allowed/);
  await expect(git(['ls-remote', 'https://127.0.0.1:1/'], { transport: 'local' })).rejects.toThrow(
    /transport 'https' not allowed/,
  );
});
