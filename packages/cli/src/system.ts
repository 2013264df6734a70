import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { LoadedConfig } from '@orchestrator/shared/config/load.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';

/** The opened parts that commands use. */
export interface System {
  readonly env: Environment;
  readonly log: Logger;
  readonly db: Database;
  close(): Promise<void>;
}

/** The target repository of a command, at the head of its branch. */
export interface Target {
  readonly url: string;
  readonly name: string;
  readonly branch: string;
  readonly commit: string;
  readonly mirror: Mirror;
  readonly loaded: LoadedConfig;
}
