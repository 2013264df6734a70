import type { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { CommandContext } from '../command.ts';

/** What a check found. `warn` does not keep work from running, `fail` does. */
export interface Diagnosis {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What is the case, in one line. */
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Of `fail`: decides the exit code. */
  readonly exitCode?: number;
}

/** One part of the set-up that is looked at. It may find several things, and never throws. */
export type Check = (
  context: CommandContext,
  options: { readonly repo: string | undefined },
) => Promise<readonly Diagnosis[]>;

export const ok = (name: string, found: string): Diagnosis => ({ name, status: 'ok', found });
export const warn = (name: string, found: string, fix: string): Diagnosis => ({ name, status: 'warn', found, fix });
export const fail = (name: string, found: string, fix: string, exitCode: number): Diagnosis => ({
  name,
  status: 'fail',
  found,
  fix,
  exitCode,
});
export const failed = (name: string, error: AppError): Diagnosis =>
  fail(name, error.message, error.next, error.exitCode);
