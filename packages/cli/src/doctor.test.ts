import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { expect, it, onTestFinished } from 'vitest';
import { cli, temporaryFolder } from '../test/spawn-cli.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly found: string;
    readonly fix?: string;
  }[];
}

const script = (): never => {
  throw new Error('no model is to be asked');
};

async function diagnose(
  env: Record<string, string>,
): Promise<{ exitCode: number | undefined; report: Report; text: string }> {
  const database = await testDatabase();
  const anthropic = await startAnthropicServer({ script, apiKey: 'the-right-anthropic-key' });
  const openai = await startOpenAiServer({ script, apiKey: 'the-right-openai-key' });
  onTestFinished(() => Promise.all([database.close(), anthropic.close(), openai.close()]).then(() => undefined));
  const repository = createRepository(join(temporaryFolder(), 'repo'));
  repository.commit({ 'docs/PLUGIN-TASKS.md': '## Task: A\n<!-- TASK_ID: a -->\nDo it.\n' });
  const result = await cli(['doctor', '--json'], {
    cwd: repository.path,
    env: { ANTHROPIC_BASE_URL: anthropic.url, OPENAI_BASE_URL: openai.url, DATABASE_URL: database.url, ...env },
  });
  expect(anthropic.generations.length + openai.generations.length).toBe(0);
  return { exitCode: result.exitCode, report: result.json() as unknown as Report, text: result.stdout + result.stderr };
}

const statusOf = ({ checks }: Report, name: string): string | undefined =>
  checks.find((check) => check.name === name)?.status;

it('finds nothing that fails where everything is right', async () => {
  const { exitCode, report } = await diagnose({
    ANTHROPIC_API_KEY: 'the-right-anthropic-key',
    OPENAI_API_KEY: 'the-right-openai-key',
  });
  const fatal = report.checks.filter(({ name, status }) => status === 'fail' && name !== 'sandbox');

  expect(fatal).toEqual([]);
  for (const name of [
    'node',
    'git',
    'home',
    'repository',
    'configuration',
    'tasks',
    'ANTHROPIC_API_KEY',
    'OPENAI_API_KEY',
    'database',
    'queue',
  ])
    expect([name, statusOf(report, name)]).toEqual([name, 'ok']);
  // Where this machine has no sandbox, that alone fails.
  expect(exitCode).toBe(report.ok ? 0 : 6);
});

it('tells a missing key from a wrong one, and says what to do, without showing either', async () => {
  const { exitCode, report, text } = await diagnose({ ANTHROPIC_API_KEY: 'a-wrong-anthropic-key' });

  expect(report.checks).toContainEqual(
    expect.objectContaining({
      name: 'ANTHROPIC_API_KEY',
      status: 'fail',
      found: 'anthropic does not accept the key in ANTHROPIC_API_KEY.',
    }),
  );
  expect(report.checks).toContainEqual(
    expect.objectContaining({
      name: 'OPENAI_API_KEY',
      status: 'fail',
      fix: expect.stringContaining('OPENAI_API_KEY_FILE'),
    }),
  );
  expect([4, 6]).toContain(exitCode);
  expect(text).not.toContain('a-wrong-anthropic-key');
});

it('names what cannot be reached, and a variable that nobody reads', async () => {
  const { report } = await diagnose({
    ANTHROPIC_API_KEY: 'some-key-or-other',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    REDIS_URL: 'redis://127.0.0.1:9',
    DATABASE_URL: 'postgres://me:correct-horse@127.0.0.1:9/x',
    ORCHESTRATOR_HOM: '/tmp',
  });

  for (const name of ['ANTHROPIC_API_KEY', 'database', 'queue'])
    expect([name, statusOf(report, name)]).toEqual([name, 'fail']);
  expect(report.checks).toContainEqual(
    expect.objectContaining({ name: 'environment', fix: 'Did you mean ORCHESTRATOR_HOME?' }),
  );
  expect(JSON.stringify(report)).not.toContain('correct-horse');
});

it('shows which App it is, where it is installed, and a key that is not its own', async () => {
  const privateKey = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
  const app = { id: 4711, slug: 'our-app', privateKey: privateKey(), installationId: 9 };
  const folder = createRepository(join(temporaryFolder(), 'remote'));
  const github = await startGitHubServer({ owner: 'acme', repository: 'widgets', gitDirectory: folder.path, app });
  onTestFinished(() => github.close());
  const env = { GITHUB_API_URL: github.url, GITHUB_APP_ID: '4711' };

  const right = await diagnose({ ...env, GITHUB_APP_PRIVATE_KEY: app.privateKey });
  expect(right.report.checks).toContainEqual(
    expect.objectContaining({
      name: 'GITHUB_APP_ID',
      status: 'ok',
      found: expect.stringContaining('our-app, installed for acme'),
    }),
  );
  const wrong = await diagnose({ ...env, GITHUB_APP_PRIVATE_KEY: privateKey() });
  expect(wrong.report.checks).toContainEqual(
    expect.objectContaining({
      name: 'GITHUB_APP_ID',
      status: 'fail',
      found: 'GitHub does not accept the key in GITHUB_APP_PRIVATE_KEY.',
    }),
  );
  expect(`${right.text}${wrong.text}`).not.toContain('PRIVATE KEY--');
});
