import type { LoadedConfig } from '@orchestrator/shared/config/load.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';

export type { System } from '@orchestrator/embedded/open-system.ts';

/** The target repository of a command, at the head of its branch. */
export interface Target {
  /** As the database knows it: an absolute path or a URL, without credentials. */
  readonly url: string;
  readonly name: string;
  readonly branch: string;
  readonly commit: string;
  readonly mirror: Mirror;
  readonly loaded: LoadedConfig;
}
