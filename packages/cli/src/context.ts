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
  readonly showLogThrough: CommandContext['showLogThrough'];
}

/** What a command is given. What it opened is closed by `close`. */
export function openContext(options: ContextOptions): CommandContext & { close(): Promise<void> } {
  const { env, terminal, log } = options;
  let system: Promise<System> | undefined;
  return {
    ...options,
    progress: terminal.stderr,
    system() {
      // Loaded only by commands that need the database: it brings Postgres and Prisma with it.
      system ??= import('@orchestrator/embedded/open-system.ts').then(({ openSystem }) => openSystem({ env, log }));
      return system;
    },
    async close() {
      await (await system?.catch(() => undefined))?.close();
    },
  };
}
