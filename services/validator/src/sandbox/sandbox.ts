import type { CommandResult, SandboxInfo } from '@orchestrator/shared/contracts/verdict.ts';

/** A path of the machine that the command sees at `to`. */
export interface Mount {
  readonly from: string;
  readonly to: string;
}

/** One command to run in a box of its own. Every path in `argv` and `env` is a path inside the box. */
export interface SandboxRun {
  readonly argv: readonly [string, ...string[]];
  /** Relative to the workspace; '' is its root. */
  readonly cwd: string;
  /** The folder of the machine that is the workspace; writable in the box. */
  readonly workspaceDir: string;
  /** The folder of the machine for HOME, where the box has none of its own. */
  readonly homeDir?: string;
  /** Further folders that the command may write. */
  readonly writable?: readonly Mount[];
  readonly readOnly?: readonly Mount[];
  /** The whole environment but for PATH, HOME and what the box itself needs. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * `proxySocketPath`: an HTTP proxy behind a Unix socket is the only way out, for fetching dependencies. The command finds
   * it by the usual variables.
   */
  readonly network: 'none' | { readonly proxySocketPath: string };
  readonly timeoutMs: number;
  /** Processor time of all processes together; absent: as much as there is within `timeoutMs`. */
  readonly cpuMs?: number;
  /** Resident memory of all processes together. */
  readonly memoryBytes: number;
  /** What the command may add to the writable folders. */
  readonly diskBytes: number;
  /** Processes and threads at once. */
  readonly processes: number;
  readonly signal: AbortSignal;
  /** Everything the command prints, as it comes, not cut. */
  readonly onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
}

/** How a command ended. `output` keeps head and tail of both streams, without NUL bytes. */
export interface SandboxResult extends Pick<CommandResult, 'exitCode' | 'ended' | 'durationMs' | 'output'> {
  /** Name of the signal that ended the command from inside the box, if one did. */
  readonly killedBy: string | null;
}

/** Where things are for a command. The recipe's texts name them as {work}, {cache}, {reports}, {kit} and {home}. */
export interface BoxLayout {
  readonly work: string;
  readonly cache: string;
  readonly reports: string;
  readonly kit: string;
  readonly home: string;
}

/** The folders of the machine behind a layout. */
export interface BoxFolders {
  readonly work: string;
  readonly cache: string;
  readonly reports: string;
  readonly home: string;
}

/**
 * Runs commands that nobody trusts. Whatever the command did, everything it started is dead when `run` returns.
 * `run` throws AppError SANDBOX_UNAVAILABLE when the box cannot be made; nothing was executed then.
 */
export interface Sandbox {
  readonly info: SandboxInfo;
  /** The paths that commands see, for these folders of the machine. */
  layout(folders: BoxFolders): BoxLayout;
  /** Holds what one series of commands needs (such as a user id) until `release`. */
  open(): Promise<SandboxSession>;
}

export interface SandboxSession {
  /** Owner that files of the workspace must have; null: the process's own user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  run(run: SandboxRun): Promise<SandboxResult>;
  release(): Promise<void>;
}

/** Shipped, read-only files that commands may need: reporters, init scripts. */
export const KIT_DIR = new URL('../kit', import.meta.url).pathname;
