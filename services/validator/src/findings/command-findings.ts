import { join } from 'node:path/posix';
import type { CommandResult, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { locatedErrors } from './located-errors.ts';

const ENDED: Readonly<Record<Exclude<CommandResult['ended'], 'exit'>, string>> = {
  timeout: 'it ran longer than validate.timeout allows',
  memory: 'it used more memory than validate.memoryMb allows',
  disk: 'it wrote more than validate.diskMb allows',
  output: 'it printed too much',
  cpu: 'it took more time of the processor than validate.cpuTime allows',
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
        message: `\`${line}\` was ended: ${ENDED[command.ended]}.\n${cause(command.output)}`.trim(),
      },
    ];
  const errors = locatedErrors(command.output);
  if (errors.length === 0)
    return [
      {
        check,
        code: 'COMMAND_FAILED',
        severity: 'error',
        message: `\`${line}\` ended with exit code ${command.exitCode}.\n${cause(command.output)}`.trim(),
      },
    ];
  return errors.map(({ file, ...error }) => ({
    check,
    severity: 'error',
    ...error,
    ...(file === undefined ? {} : { file: join(command.cwd, file) }),
  }));
}

/** How build tools begin the lines that say what went wrong. */
const CAUSE = /^(?:\[ERROR\]|npm (?:ERR!|error)|\* What went wrong|FAILURE:|(?:fatal )?error\b|Error:|panic:)/i;

/** What Maven adds to every failure. */
const ADVICE = /^\[ERROR\] *(?:-> \[Help|To see the full|Re-run Maven|For more information|\[Help \d|$)/;

/** From the first line that a build tool marks as the cause; without one, the end of the output. */
function cause(output: string): string {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => !ADVICE.test(line));
  const first = lines.findIndex((line) => CAUSE.test(line));
  const told = first === -1 ? lines.slice(-TAIL_LINES) : lines.slice(first, first + TAIL_LINES);
  const text = told.join('\n');
  return first === -1 ? text.slice(-TAIL_CHARACTERS) : text.slice(0, TAIL_CHARACTERS);
}
