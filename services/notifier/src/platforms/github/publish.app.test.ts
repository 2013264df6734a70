import { generateKeyPairSync } from 'node:crypto';
import type { TestApp } from '@orchestrator/testkit/github/app-routes.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { githubScenes } from '../../../test/github-scene.ts';

// GitHub gives keys in this form.
const newKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
const privateKey = newKey();
let installationId = 1_000;
const app = (): TestApp => ({ id: 4711, slug: 'orchestrator', privateKey, installationId: ++installationId });

const use = githubScenes();
let ours: TestApp;
beforeEach(async () => {
  // Tokens of an installation are kept by its number, which is its own in each test.
  ours = app();
  await use.replace({ app: ours });
});

describe('a GitHub App', () => {
  test('fetches, pushes and opens the pull request with one token of its installation', async () => {
    const run = await use.scene.judge();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    expect(use.only()).toMatchObject({ state: 'open', by: 'orchestrator[bot]', headSha: run.headCommit });
    expect(use.scene.server.installed.tokens()).toHaveLength(1);
    const pushes = use.scene.server.requests.filter(({ path }) => path.endsWith('/git-receive-pack'));
    const [token] = use.scene.server.installed.tokens();
    expect(pushes.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    ]);
  });

  test('takes another token before one ends', async () => {
    ours.tokenLifetimeMs = 60_000;
    const run = await use.scene.judge();
    await run.publish();
    expect((await run.read()).state).toBe('in_review');
    const { requests, installed } = use.scene.server;
    const used = requests.flatMap(({ headers }) => /ghs_\w+/.exec(String(headers.authorization))?.[0] ?? []);
    // A minute is less than a push may take: none is used twice.
    expect(new Set(used).size).toBeGreaterThan(3);
    expect(installed.tokens().length).toBeGreaterThan(3);
  });

  test('leaves no trace of its tokens or its key in the database, the mirror or the commit', async () => {
    const run = await use.scene.judge();
    await run.publish();
    const stored = JSON.stringify(await run.read(), (_, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(
      `${stored}${use.scene.remote.git('log', '--all', '--format=%B%an%ae%cn%ce')}${run.mirror.identity.url}`,
    ).not.toMatch(/ghs_|PRIVATE KEY/);
  });

  test('that was removed is a clear state, and goes on once it is installed', async () => {
    const run = await use.scene.judge();
    await run.publish();
    ours.removed = true;
    for (const token of use.scene.server.installed.tokens()) use.scene.server.installed.revoke(token);
    const tried = async () => {
      await run.reopen();
      await run.publish();
      const [stage] = (await run.read()).stageRuns;
      return stage;
    };
    expect(await tried()).toMatchObject({
      parkedReason: 'configuration',
      parkedDetail: { code: 'KEY_REJECTED', message: expect.stringContaining('GITHUB_APP_PRIVATE_KEY') },
    });
    expect(await tried()).toMatchObject({
      parkedReason: 'configuration',
      parkedDetail: { code: 'GITHUB_APP_NOT_INSTALLED' },
    });
    ours.removed = false;
    expect(await tried()).toMatchObject({ state: 'succeeded' });
    expect(use.only().state).toBe('open');
  });
});

test('an App that is not installed for the repository', async () => {
  ours.removed = true;
  await expect(use.scene.judge()).rejects.toMatchObject({
    code: 'GITHUB_APP_NOT_INSTALLED',
    message: expect.stringContaining('acme/widgets'),
  });
});

test('a key that is not the one of the App', async () => {
  const { GITHUB_API_URL } = { GITHUB_API_URL: use.scene.server.url };
  const environment = { GITHUB_API_URL, GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: newKey() };
  await expect(use.scene.judge({ environment })).rejects.toMatchObject({
    code: 'KEY_REJECTED',
    message: expect.stringContaining('GITHUB_APP_PRIVATE_KEY'),
  });
});

test('an App that is given a number of its installation asks for no other', async () => {
  const environment = {
    GITHUB_API_URL: use.scene.server.url,
    GITHUB_APP_ID: '4711',
    GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
    GITHUB_APP_INSTALLATION_ID: String(ours.installationId),
  };
  const run = await use.scene.judge({ environment });
  await run.publish();
  expect((await run.read()).state).toBe('in_review');
  expect(use.scene.server.requests.filter(({ path }) => path.endsWith('/installation'))).toEqual([]);
});
