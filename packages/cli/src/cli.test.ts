import { describe, expect, it } from 'vitest';
import { cli } from '../test/spawn-cli.ts';

describe('orchestrator', () => {
  it('shows every command and the exit codes when it is started alone', async () => {
    const { exitCode, stdout } = await cli([]);

    expect(exitCode).toBe(0);
    for (const command of [
      'run',
      'up',
      'stats',
      'tasks',
      'config',
      'budget',
      'prices',
      'audit',
      'notify',
      'validate',
      'logs',
      'export',
      'doctor',
      'retry',
      'cancel',
      'migrate',
      'pause',
      'resume',
      'replay',
      'priority',
      'queues',
      'wake',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
    expect(stdout).toContain('  130  Interrupted');
  });

  it('shows examples in the help of a command', async () => {
    const { exitCode, stdout } = await cli(['run', '--help']);

    expect(exitCode).toBe(0);
    expect(stdout).toContain('orchestrator run --dry-run');
    expect(stdout).toContain('--once');
  });

  it('prints its version', async () => {
    expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([
    [['tsaks'], 'Did you mean tasks?'],
    [['tasks', '--reop', '.'], 'Did you mean --repo?'],
    [['tasks', 'a', 'b'], 'too many arguments'],
    [['run', '--task'], 'argument missing'],
    [['retry'], "missing required argument 'task'"],
    [['notify'], 'orchestrator notify test'],
    [['logs', '--level', 'loud'], 'must be one of trace'],
    [['logs', '--lines', 'many'], '--lines: must be a number'],
    [['budget', 'simulate', '--days', '0'], '--days'],
  ])('refuses %j with exit code 2 and says what was meant', async (args, hint) => {
    const { exitCode, stdout, stderr } = await cli(args);

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Error USAGE');
    expect(stderr).toContain(hint);
    expect(stderr).toContain('What to do:');
  });

  it('reports errors as one JSON object on the last line of stdout with --json', async () => {
    const result = await cli(['tasks', '--repo', '/nowhere/at/all', '--json']);

    expect(result.exitCode).toBe(3);
    expect(result.stdout.split('\n')).toHaveLength(1);
    expect(result.json()).toEqual({
      error: {
        code: 'REPO_NOT_FOUND',
        message: '/nowhere/at/all is not a git repository.',
        next: expect.stringContaining('--repo'),
        detail: { repo: '/nowhere/at/all' },
      },
    });
    expect((await cli(['nonsense', '--json'])).json()).toMatchObject({ error: { code: 'USAGE' } });
  });

  it('colours only what it is told to', async () => {
    const controlSequence = '\u001b[';

    expect((await cli(['config', '--changed'])).stdout).not.toContain(controlSequence);
    expect((await cli(['config'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(controlSequence);
    expect((await cli(['config'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(controlSequence);
  });
});
