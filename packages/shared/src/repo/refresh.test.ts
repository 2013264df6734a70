import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGitServer } from '@orchestrator/testkit/git/git-server.ts';
import { createRepository, type TestRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from './open-mirror.ts';

const log = pino({ level: 'silent' });
let folder: { path: string; remove: () => void };
let home: string;
let source: TestRepository;

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  source = createRepository(join(folder.path, 'served/app'));
});
afterEach(() => folder.remove());

const open = (repo = source.path) => openMirror({ repo, home, log });

/** Another process that opens the mirror, refreshes it and prints the head. */
function otherProcess(repo: string) {
  const code = `
    import { openMirror } from ${JSON.stringify(join(import.meta.dirname, 'open-mirror.ts'))};
    const log = { warn() {} };
    const mirror = await openMirror({ repo: ${JSON.stringify(repo)}, home: ${JSON.stringify(home)}, log });
    await mirror.refresh();
    process.stdout.write((await mirror.head(null)).commit);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return { child, done: once(child, 'close').then(() => output) };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await delay(5);
};

test('several processes may open and refresh one mirror at once', async () => {
  let commit = '';
  for (let index = 0; index < 20; index += 1) {
    commit = source.commit({ 'a.txt': `${index}\n` });
    source.git('branch', `branch-${index}`);
  }
  const others = [1, 2, 3].map(() => otherProcess(source.path));
  const here = await Promise.all([1, 2, 3].map(async () => (await (await open()).head(null)).commit));
  expect([...here, ...(await Promise.all(others.map((other) => other.done)))]).toEqual(Array(6).fill(commit));
  expect(readdirSync(join(home, 'mirrors'))).toHaveLength(1);
});

test('a process that is killed while it fetches leaves nothing that the next one trips over', async () => {
  const commit = source.commit({ 'a.txt': 'one\n' });
  const server = await startGitServer({ root: join(folder.path, 'served'), delayMs: 300 });
  const repo = `${server.url}/app`;
  const { child, done } = otherProcess(repo);
  await until(
    () =>
      existsSync(join(home, 'mirrors')) && readdirSync(join(home, 'mirrors')).some((name) => name.endsWith('.lock')),
  );
  await until(() => server.authorizations.length >= 2);
  child.kill('SIGKILL');
  await done;
  const began = performance.now();
  const mirror = await open(repo);
  expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(readdirSync(join(home, 'mirrors')).filter((name) => name.includes('.lock'))).toEqual([]);
  await server.close();
});

test('lock files that a killed git left are removed, and those of a living one waited for', async () => {
  source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  const commit = source.commit({ 'a.txt': 'two\n' });
  const old = join(mirror.gitDir, 'refs/remotes/origin/main.lock');
  writeFileSync(old, '');
  const minuteAgo = new Date(Date.now() - 60_000);
  utimesSync(old, minuteAgo, minuteAgo);
  await mirror.refresh();
  expect((await mirror.head(null)).commit).toBe(commit);

  const next = source.commit({ 'a.txt': 'three\n' });
  writeFileSync(old, '');
  const refreshing = mirror.refresh();
  await delay(400);
  rmSync(old);
  await refreshing;
  expect((await mirror.head(null)).commit).toBe(next);
});

test('waiting for another holder ends when the caller gives up', async () => {
  source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  const { pid, stdout } = spawn('sleep', ['60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  stdout.destroy();
  writeFileSync(`${mirror.gitDir}.lock`, JSON.stringify({ pid, startedAt: '0', machine: 'elsewhere' }));
  await expect(mirror.refresh(AbortSignal.timeout(300))).rejects.toThrow(/timeout|aborted/i);
  process.kill(pid as number);
  rmSync(`${mirror.gitDir}.lock`);
  await mirror.refresh();
});

test('scratch folders of killed processes are removed', async () => {
  source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  const left = join(mirror.gitDir, 'orchestrator-tmp-left');
  writeFileSync(left, '');
  const dayAgo = new Date(Date.now() - 86_400_000);
  utimesSync(left, dayAgo, dayAgo);
  await mirror.refresh();
  expect(existsSync(left)).toBe(false);
});

test('objects that have become many are packed', async () => {
  const files: Record<string, string> = {};
  // git guesses how many loose objects there are from those whose ids begin with 17.
  for (let index = 0; Object.keys(files).length < 30; index += 1) {
    const content = `content ${index}\n`;
    if (createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex').startsWith('17'))
      files[`f/${index}.txt`] = content;
  }
  source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  source.commit(files);
  await mirror.refresh();
  await mirror.refresh();
  expect(readdirSync(join(mirror.gitDir, 'objects/pack')).filter((name) => name.endsWith('.pack'))).toHaveLength(1);
  expect(existsSync(join(mirror.gitDir, 'objects/17'))).toBe(false);
});

test('a damaged mirror is kept until another one could be fetched', async () => {
  const commit = source.commit({ 'a.txt': 'one\n' });
  const mirror = await open();
  await mirror.setBranch('ai/task', commit);
  rmSync(join(mirror.gitDir, 'objects'), { recursive: true });
  const away = `${source.path}-away`;
  renameSync(join(source.path, '.git/objects'), away);
  await expect(mirror.refresh()).rejects.toMatchObject({ code: 'REPO_UNREACHABLE' });
  expect(existsSync(join(mirror.gitDir, 'refs/heads/ai/task'))).toBe(true);
  renameSync(away, join(source.path, '.git/objects'));
  await mirror.refresh();
  expect(await mirror.resolve('main')).toBe(commit);
});
