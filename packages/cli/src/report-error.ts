import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';
import { AppError, describeError } from '@orchestrator/shared/errors/app-error.ts';
import { mapSystemError } from '@orchestrator/shared/errors/map-system-error.ts';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { toJsonLine } from './show/json.ts';
import { type Terminal, viewOf } from './terminal.ts';

/** Says what went wrong and what to do: text on stderr, or one JSON object on stdout. Returns the exit code. */
export function reportError(
  thrown: unknown,
  terminal: Terminal,
  { json, verbose }: { json: boolean; verbose: boolean },
): number {
  const error = toAppError(thrown);
  if (json) terminal.stdout.write(toJsonLine({ error: describeError(error) }));
  else {
    const { paint } = viewOf(terminal.stderr, terminal.env);
    terminal.stderr.write(
      maskSecrets(
        `${paint('red', `Error ${error.code}:`)} ${error.message}\n${paint('dim', 'What to do:')} ${error.next}\n`,
      ),
    );
  }
  if (verbose && thrown instanceof Error) terminal.stderr.write(maskSecrets(`${thrown.stack ?? ''}\n`));
  return error.exitCode;
}

export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof CommanderError)
    return new AppError('USAGE', { message: thrown.message.replace(/^error: /, '').trim() }, { cause: thrown });
  if (thrown instanceof z.ZodError)
    return new AppError('USAGE', { message: z.prettifyError(thrown) }, { cause: thrown });
  const mapped = mapSystemError(thrown);
  if (mapped instanceof AppError) return mapped;
  return new AppError('INTERNAL', { message: describeError(thrown).message }, { cause: thrown });
}
