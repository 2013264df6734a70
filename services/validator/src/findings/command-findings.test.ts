import type { CommandResult } from '@orchestrator/shared/contracts/verdict.ts';
import { expect, it } from 'vitest';
import { commandFindings } from './command-findings.ts';

const failed = (output: string): CommandResult => ({
  step: 'build',
  argv: ['mvn', 'test'],
  cwd: '',
  exitCode: 1,
  ended: 'exit',
  durationMs: 1,
  output,
});

it('begins with what the build tool marks as the cause, not with what it printed last', () => {
  const output = [
    '[INFO] Scanning for projects...',
    '[INFO] BUILD FAILURE',
    '[ERROR] Failed to execute goal enforce on project x:',
    '[ERROR] Detected Maven Version: 3.8.7 is not in the allowed range [3.9,).',
    ...Array.from({ length: 40 }, (_, i) => `[INFO] more ${i}`),
  ].join('\n');
  const [finding] = commandFindings(failed(output));
  expect(finding?.message.split('\n').slice(0, 3)).toEqual([
    '`mvn test` ended with exit code 1.',
    '[ERROR] Failed to execute goal enforce on project x:',
    '[ERROR] Detected Maven Version: 3.8.7 is not in the allowed range [3.9,).',
  ]);
});

it('shows the end of an output that marks no cause', () => {
  const [finding] = commandFindings(failed(`${'x\n'.repeat(100)}the last line`));
  expect(finding?.message).toMatch(/the last line$/);
  expect(finding?.message.length).toBeLessThan(1_700);
});

it('leaves out what Maven says about asking it for more', () => {
  const output =
    '[ERROR] Failed to execute goal enforce\n[ERROR] -> [Help 1]\n[ERROR] \n[ERROR] Re-run Maven using the -X switch\n';
  expect(commandFindings(failed(output))[0]?.message).toBe(
    '`mvn test` ended with exit code 1.\n[ERROR] Failed to execute goal enforce',
  );
});

it('gives located errors one by one, with the folder that the command ran in', () => {
  const command = { ...failed('noise\nsrc/a.ts(3,5): error TS1: no\n'), cwd: 'web' };
  expect(commandFindings(command)).toEqual([
    { check: 'build', code: 'TS1', severity: 'error', message: 'no', file: 'web/src/a.ts', line: 3 },
  ]);
});

it.each([
  ['timeout', 'TIMEOUT', 'validate.timeout'],
  ['memory', 'MEMORY', 'validate.memoryMb'],
  ['disk', 'DISK', 'validate.diskMb'],
  ['processes', 'PROCESSES', 'validate.processes'],
  ['cpu', 'CPU', 'validate.cpuTime'],
] as const)('names the limit that ended a command: %s', (ended, code, setting) => {
  expect(commandFindings({ ...failed(''), ended, exitCode: null })).toMatchObject([
    { code, message: expect.stringContaining(setting) },
  ]);
});
