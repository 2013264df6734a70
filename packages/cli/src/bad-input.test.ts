import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, type TestFile } from '@orchestrator/testkit/git/test-repository.ts';
import { describe, expect, it } from 'vitest';
import { type CliOptions, cli, temporaryFolder } from '../test/spawn-cli.ts';

const TASK = '## Task: First\n<!-- TASK_ID: first_001 -->\nDo it.\n';

/** A repository with these files committed. */
function repository(files: Readonly<Record<string, TestFile>>): string {
  const { path, commit } = createRepository(join(temporaryFolder(), 'repo'));
  commit(files);
  return path;
}

async function codeOf(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{ exitCode: number | undefined; error: Record<string, unknown> }> {
  const result = await cli([...args, '--json'], options);
  return { exitCode: result.exitCode, error: (result.json().error ?? {}) as Record<string, unknown> };
}

describe('repositories that cannot be used', () => {
  it.each(['tasks', 'run', 'validate'])('%s says that a folder is no repository', async (command) => {
    expect(await codeOf([command])).toMatchObject({ exitCode: 3, error: { code: 'REPO_NOT_FOUND' } });
  });

  it('says that a repository has no commit', async () => {
    const { path } = createRepository(join(temporaryFolder(), 'repo'));

    expect(await codeOf(['tasks'], { cwd: path })).toMatchObject({ exitCode: 3, error: { code: 'REPO_EMPTY' } });
  });

  it('says why a URL cannot be reached, without the password in it', async () => {
    const result = await cli(['tasks', '--repo', 'http://user:hunter2-hunter2@127.0.0.1:9/x.git', '--json']);

    expect(result.exitCode).toBe(3);
    expect(result.json()).toMatchObject({ error: { code: 'REPO_UNREACHABLE' } });
    expect(result.stdout + result.stderr).not.toContain('hunter2');
  });

  it('reads a detached and dirty checkout at its last commit', async () => {
    const repo = createRepository(join(temporaryFolder(), 'repo'));
    repo.commit({ 'docs/PLUGIN-TASKS.md': TASK });
    repo.git('checkout', '--quiet', '--detach');
    repo.write({ 'docs/PLUGIN-TASKS.md': 'not committed' });

    const { exitCode, json } = await cli(['tasks', '--json'], { cwd: repo.path });

    expect(exitCode).toBe(0);
    expect(json()).toMatchObject({ tasks: [{ key: 'first_001' }] });
  });
});

describe('task files that cannot be used', () => {
  it.each([
    ['TASKS_NOT_FOUND', { 'README.md': 'x' }],
    ['TASKS_EMPTY', { 'docs/PLUGIN-TASKS.md': '' }],
    ['TASKS_EMPTY', { 'docs/PLUGIN-TASKS.md': '# Only prose\n' }],
  ])('says %s', async (code, files) => {
    expect(await codeOf(['tasks'], { cwd: repository(files) })).toMatchObject({ exitCode: 3, error: { code } });
  });

  it('shows the tasks that are right, names the others with file and line, and ends with 3', async () => {
    const text = `${TASK}## Task: Again\n<!-- TASK_ID: first_001 -->\nDo it.\n## Task: No id\nDo it.\n`;
    const cwd = repository({ 'docs/PLUGIN-TASKS.md': text });

    const people = await cli(['tasks'], { cwd });
    const program = await cli(['tasks', '--json'], { cwd });

    expect(people.exitCode).toBe(3);
    expect(people.stdout).toContain('first_001');
    expect(people.stdout).toContain('docs/PLUGIN-TASKS.md:5');
    expect(program.json()).toMatchObject({
      tasks: [{ key: 'first_001' }],
      problems: [
        { code: 'ID_DUPLICATE', line: 5 },
        { code: 'ID_MISSING', line: 7 },
      ],
    });
  });

  it('passes no control character of a task on to the terminal', async () => {
    const cwd = repository({
      'docs/PLUGIN-TASKS.md':
        '## Task: Red \u001b[31malert\u001b[0m\u0007\n<!-- TASK_ID: red_001 -->\nDo \u001b]0;title\u0007it.\n',
    });

    const { stdout, stderr } = await cli(['tasks', 'red_001'], { cwd });

    expect(stdout).toContain('alert');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there.
    expect(stdout + stderr).not.toMatch(/[\u001b\u0007]/);
  });
});

describe('configuration that cannot be used', () => {
  it('names every problem of orchestrator.yaml with its line', async () => {
    const cwd = repository({
      'orchestrator.yaml': 'pipeline:\n  maxRound: 2\n  tasksPerTick: none\n',
      'docs/PLUGIN-TASKS.md': TASK,
    });

    const { exitCode, stderr } = await cli(['config'], { cwd });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('orchestrator.yaml:2:3: pipeline.maxRound is not a known key. Did you mean maxRounds?');
    expect(stderr).toContain('orchestrator.yaml:3:17: pipeline.tasksPerTick must be a number');
  });

  it('names every environment variable that is wrong, and none of their values', async () => {
    const env = {
      OPENAI_API_KEY: 'sk-one two-secret',
      DATABASE_URL: 'mysql://secret-host',
      ORCHESTRATOR_LOG_LEVEL: 'loud',
    };

    const { exitCode, stdout, stderr } = await cli(['config', '--json'], { env });

    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/OPENAI_API_KEY.*DATABASE_URL.*ORCHESTRATOR_LOG_LEVEL/);
    expect(stdout + stderr).not.toMatch(/two-secret|secret-host/);
  });

  it('says which key is missing before anything is built', async () => {
    const cwd = repository({ 'docs/PLUGIN-TASKS.md': TASK });

    expect(await codeOf(['run'], { cwd, env: { ANTHROPIC_API_KEY: 'one-key' } })).toMatchObject({
      exitCode: 4,
      error: { code: 'KEY_MISSING', detail: { variable: 'OPENAI_API_KEY' } },
    });
  });

  it('says that a model is not known', async () => {
    const cwd = repository({
      'orchestrator.yaml': 'models: {coder: {model: openai/gpt-none}}\n',
      'docs/PLUGIN-TASKS.md': TASK,
    });

    expect(await codeOf(['run'], { cwd })).toMatchObject({ exitCode: 4, error: { code: 'KEY_MISSING' } });
    expect(await codeOf(['run'], { cwd, env: { ANTHROPIC_API_KEY: 'one-key' } })).toMatchObject({
      exitCode: 4,
      error: { code: 'MODEL_UNKNOWN' },
    });
  });
});

describe('machines that lack something', () => {
  it.skipIf(process.platform !== 'linux')('says that the home folder cannot be made', async () => {
    expect(await codeOf(['stats', '--home', '/proc/nowhere'])).toMatchObject({
      exitCode: 6,
      error: { code: 'HOME_NOT_WRITABLE' },
    });
  });

  it('says that the home is a file', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');

    expect(await codeOf(['stats'], { env: { ORCHESTRATOR_HOME: file } })).toMatchObject({
      exitCode: 6,
      error: { code: 'HOME_NOT_WRITABLE' },
    });
  });

  it.skipIf(process.getuid?.() === 0)('says that the home is read-only', async () => {
    const home = temporaryFolder();
    chmodSync(home, 0o500);

    expect(await codeOf(['stats', '--home', home])).toMatchObject({
      exitCode: 6,
      error: { code: 'HOME_NOT_WRITABLE' },
    });
  });

  it('says that the database does not answer, without its password', async () => {
    const result = await cli(['stats', '--json'], {
      env: { DATABASE_URL: 'postgres://me:correct-horse@127.0.0.1:9/x' },
    });

    expect(result.exitCode).toBe(6);
    expect(result.json()).toMatchObject({ error: { code: 'DATABASE_UNAVAILABLE' } });
    expect(result.stdout + result.stderr).not.toContain('correct-horse');
  });
});
