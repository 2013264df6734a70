import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { System } from './system.ts';
import type { OutputStream, Terminal, View } from './terminal.ts';

export interface OptionDefinition {
  /** As commander reads them: '--repo <dir|url>'. */
  readonly flags: string;
  readonly description: string;
}

export interface ArgumentDefinition {
  /** '<task>' must be given, '[task]' may be. Its value is `input.<name>`. */
  readonly name: string;
  readonly description: string;
}

/** What a command found out. It is printed as text or, with --json, as one object on the last line. */
export interface CommandResult {
  /** Plain data; bigint and Date are written as text. */
  readonly data: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly render: (view: View) => string;
  /** Default 0. See errors/exit-codes.ts. */
  readonly exitCode?: number;
}

export interface CommandContext {
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly log: Logger;
  /** Only the result may go to stdout. */
  readonly json: boolean;
  /** Aborts at Ctrl+C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Where progress is shown: stderr. */
  readonly progress: OutputStream;
  /** Lets log lines for the screen pass through `write`, so that they do not disturb live lines; null: as before. */
  showLogThrough(write: ((text: string) => void) | null): void;
  /** The opened database and what is built on it; opened at the first call, closed when the command ends. */
  system(): Promise<System>;
}

export interface CommandDefinition<Input extends z.ZodType = z.ZodType> {
  /** Words after `orchestrator`: 'run', 'budget simulate'. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More for its own help. */
  readonly description?: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** Checks and types arguments and options together. */
  readonly input: Input;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /**
   * `service`: logs on the screen and in the log file. `work`: the same, but in a terminal, where progress is shown live,
   * only warnings are. `query`: only warnings, to stderr, no file.
   */
  readonly logs: 'service' | 'work' | 'query';
  readonly run: (context: CommandContext, input: z.infer<Input>) => Promise<CommandResult>;
}

export const defineCommand = <Input extends z.ZodType>(
  definition: CommandDefinition<Input>,
): CommandDefinition<Input> => definition;

/** The --repo option of every command that looks at a repository. */
export const REPO_OPTION: OptionDefinition = {
  flags: '--repo <dir|url>',
  description: 'folder or git URL of the target repository (default: this folder)',
};
