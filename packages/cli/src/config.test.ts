import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository } from '@orchestrator/testkit/git/test-repository.ts';
import { expect, it } from 'vitest';
import { cli, temporaryFolder } from '../test/spawn-cli.ts';

it('shows every setting with its source and no secret', async () => {
  const repository = createRepository(join(temporaryFolder(), 'repo'));
  repository.commit({ 'orchestrator.yaml': 'pipeline:\n  maxRounds: 4\n  maxErrors: 7\n' });
  repository.write({ 'orchestrator.yaml': 'pipeline: {maxErrors: 9}\n' });
  const home = temporaryFolder();
  const operatorFile = join(home, 'orchestrator.yaml');
  writeFileSync(operatorFile, '\npipeline:\n  maxRounds: 2\n');
  const keyFile = join(home, 'key');
  writeFileSync(keyFile, 'openai-key-from-a-file\n');
  const env = {
    ORCHESTRATOR_HOME: home,
    ANTHROPIC_API_KEY: 'anthropic-key-0123',
    OPENAI_API_KEY_FILE: keyFile,
    DISCORD_WEBHOOK_URL: 'https://discord.test/api/webhooks/1/very-secret-token',
  };

  const result = await cli(['config', '--json'], { cwd: repository.path, env });

  expect(result.exitCode).toBe(0);
  expect(result.json()).toMatchObject({
    config: {
      'pipeline.maxRounds': { value: 2, source: `${operatorFile}:3` },
      'pipeline.maxErrors': { value: 7, source: 'orchestrator.yaml:3' },
      'pipeline.maxEditRetries': { value: 2, source: 'default' },
      'models.coder.timeout': { value: '5m', source: 'default' },
    },
    environment: {
      ANTHROPIC_API_KEY: { value: '***', source: 'environment' },
      OPENAI_API_KEY: { value: '***', source: keyFile },
      DISCORD_WEBHOOK_URL: { value: 'https://discord.test/***', source: 'environment' },
      GITHUB_TOKEN: { value: null, source: 'not set' },
      OPENAI_BASE_URL: { value: 'https://api.openai.com/v1', source: 'default' },
    },
  });
  const people = await cli(['config'], { cwd: repository.path, env });
  expect(people.stdout).toContain('pipeline.maxRounds');
  for (const { stdout, stderr } of [result, people])
    expect(stdout + stderr).not.toMatch(/0123|from-a-file|very-secret/);
});

it('prints the JSON Schema of orchestrator.yaml', async () => {
  const { stdout } = await cli(['config', '--schema']);

  expect(JSON.parse(stdout)).toMatchObject({
    title: 'orchestrator.yaml',
    type: 'object',
    properties: { pipeline: { properties: { maxRounds: { minimum: 1, maximum: 20, default: 3 } } } },
  });
});

it('works in a folder that is no repository', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, '.orchestrator'));

  expect((await cli(['config', '--json'], { cwd })).json()).toMatchObject({
    repository: null,
    config: { 'tasks.file': { value: 'docs/PLUGIN-TASKS.md', source: 'default' } },
  });
});
