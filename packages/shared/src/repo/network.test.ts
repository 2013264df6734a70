import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type GitServer, startGitServer } from '@orchestrator/testkit/git/git-server.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyRepository } from './identity.ts';
import { openMirror } from './open-mirror.ts';

const SECRET = 'ghp_canary0123456789';
let folder: { path: string; remove: () => void };
let home: string;
let commit: string;
let server: GitServer | undefined;
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  commit = createRepository(join(folder.path, 'served/app')).commit({ 'a.txt': 'one\n' });
  lines.length = 0;
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  folder.remove();
});

const serve = (credential?: { username: string; password: string }) =>
  startGitServer({ root: join(folder.path, 'served'), ...(credential ? { credential } : {}) });

/** All text below a folder, objects excepted. */
function textBelow(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/objects'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

test('a URL is fetched from, with the default branch of the server', async () => {
  server = await serve();
  const mirror = await openMirror({ repo: `${server.url}/app`, home, log });
  expect(await mirror.head(null)).toEqual({ branch: 'main', commit });
  expect(mirror.identity).toMatchObject({ kind: 'remote', name: 'app', url: `${server.url}/app` });
});

test('the token goes to its own platform and is written nowhere', async () => {
  server = await serve({ username: 'x-access-token', password: SECRET });
  const mirror = await openMirror({
    repo: `${server.url}/app`,
    home,
    log,
    platform: { token: async () => SECRET, apiUrl: `${server.url}/api/v3` },
  });
  expect((await mirror.head(null)).commit).toBe(commit);
  expect(server.authorizations).toContain(`Basic ${Buffer.from(`x-access-token:${SECRET}`).toString('base64')}`);
  expect(textBelow(home) + lines.join('')).not.toContain(SECRET);
});

test('the token is not offered to any other address', async () => {
  server = await serve({ username: 'x-access-token', password: SECRET });
  const opening = openMirror({
    repo: `${server.url}/app`,
    home,
    log,
    platform: { token: async () => SECRET, apiUrl: 'https://api.github.com' },
  });
  await expect(opening).rejects.toMatchObject({ code: 'REPO_UNREACHABLE' });
  expect(server.authorizations.every((header) => header === null)).toBe(true);
});

test('credentials in the URL are used and kept out of names, errors and files', async () => {
  server = await serve({ username: 'ada', password: 'p@ss/word' });
  const repo = `${server.url.replace('//', '//ada:p%40ss%2Fword@')}/app`;
  const mirror = await openMirror({ repo, home, log });
  expect((await mirror.head(null)).commit).toBe(commit);
  expect(mirror.identity.url).toBe(`${server.url}/app`);
  const wrong = openMirror({ repo: `${server.url.replace('//', `//ada:${SECRET}@`)}/other`, home, log });
  const error = await wrong.catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'REPO_UNREACHABLE' });
  expect(
    `${JSON.stringify(error)}${String(error)}${(error as Error).stack}${textBelow(home)}${lines.join('')}`,
  ).not.toMatch(new RegExp(`${SECRET}|p@ss|p%40ss`));
});

test('an address that nobody answers at is unreachable at once, with the reason', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  await expect(openMirror({ repo: `http://127.0.0.1:${port}/app`, home, log })).rejects.toMatchObject({
    code: 'REPO_UNREACHABLE',
    retryable: true,
    message: expect.stringMatching(/cannot be fetched: .*(refused|connect)/i),
  });
  await expect(openMirror({ repo: 'ssh://git@127.0.0.1:1/app', home, log })).rejects.toMatchObject({
    code: 'REPO_UNREACHABLE',
  });
});

test('a server that never answers is given up when the caller gives up', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const began = Date.now();
  await expect(
    openMirror({ repo: `http://127.0.0.1:${port}/app`, home, log, signal: AbortSignal.timeout(500) }),
  ).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(Date.now() - began).toBeLessThan(5_000);
  silent.close();
});

test.each(["ext::sh -c 'touch %S' x", 'fd::7', 'ftp://127.0.0.1/x', '-oProxyCommand=touch x', '--upload-pack=touch:x'])(
  'the address %s runs nothing and is refused',
  async (repo) => {
    await expect(openMirror({ repo, home, log })).rejects.toMatchObject({
      code: expect.stringMatching(/^REPO_(UNREACHABLE|NOT_FOUND)$/),
    });
  },
);

test.each([
  ['https://user:secret@example.com/team/app.git', 'https://example.com/team/app.git', 'app'],
  ['https://example.com/team/app/', 'https://example.com/team/app', 'app'],
  ['ssh://git:secret@example.com:2222/team/app.git', 'ssh://git@example.com:2222/team/app.git', 'app'],
  ['git@example.com:team/app.git', 'git@example.com:team/app.git', 'app'],
  ['git@example.com:app', 'git@example.com:app', 'app'],
])('%s is %s, called %s', async (repo, url, name) => {
  expect(await identifyRepository(repo)).toMatchObject({ kind: 'remote', url, name });
});
