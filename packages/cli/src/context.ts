import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Logger } from 'pino';
import type { CommandContext } from './command.ts';
import type { System } from './system.ts';
import type { Terminal } from './terminal.ts';

export interface ContextOptions {
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly log: Logger;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** What a command is given. What it opened is closed by `close`, in reverse order. */
export function openContext({
  env,
  terminal,
  log,
  json,
  signal,
}: ContextOptions): CommandContext & { close(): Promise<void> } {
  const opened: System[] = [];
  return {
    env,
    terminal,
    log,
    json,
    signal,
    progress: terminal.stderr,
    async open() {
      throw new Error('later');
    },
    async close() {
      for (const system of opened.reverse()) await system.close();
    },
  };
}
