import { join } from 'node:path/posix';
import type { CommandResult, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { locatedErrors } from './located-errors.ts';

const ENDED: Readonly<Record<Exclude<CommandResult['ended'], 'exit'>, string>> = {
  timeout: 'it ran longer than validate.timeout allows',
  memory: 'it used more memory than validate.memoryMb allows',
  disk: 'it wrote more than validate.diskMb allows',
  output: 'it printed too much',
  processes: 'it started more processes than validate.processes allows',
  aborted: 'it was aborted',
};

const TAIL_LINES = 20;
const TAIL_CHARACTERS = 1_500;

/** Why a command failed: the errors in its output, else how it was ended, else the end of what it printed. */
export function commandFindings(command: CommandResult): Finding[] {
  const check = command.step;
  const line = command.argv.join(' ').slice(0, 120);
  if (command.ended !== 'exit')
    return [
      {
        check,
        code: command.ended.toUpperCase(),
        severity: 'error',
        message: `\`${line}\` was ended: ${ENDED[command.ended]}.\n${tail(command.output)}`.trim(),
      },
    ];
  const errors = locatedErrors(command.output);
  if (errors.length === 0)
    return [
      {
        check,
        code: 'COMMAND_FAILED',
        severity: 'error',
        message: `\`${line}\` ended with exit code ${command.exitCode}.\n${tail(command.output)}`.trim(),
      },
    ];
  return errors.map(({ file, ...error }) => ({
    check,
    severity: 'error',
    ...error,
    ...(file === undefined ? {} : { file: join(command.cwd, file) }),
  }));
}

function tail(output: string): string {
  return output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS);
}
