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
