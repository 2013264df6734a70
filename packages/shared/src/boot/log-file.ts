import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  /** Appends one line (with its newline). Never throws: a full disk must not stop the work. */
  write(line: string): void;
  close(): void;
  /** The file of today. */
  path(): string;
}

export interface LogFileOptions {
  /** Folder, made when the first line is written. */
  readonly dir: string;
  /** Told once for each cause that the log cannot be written. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  readonly now?: () => Date;
}

/** The log file's name of a UTC day: orchestrator_20260131.log. */
export const logFileName = (day: Date): string =>
  `orchestrator_${day.toISOString().slice(0, 10).replaceAll('-', '')}.log`;

/**
 * One file for each UTC day. Lines are written at once and whole, so that a killed process loses none of them and several
 * processes can append to the same file.
 */
export function openLogFile({ dir, onError, now = () => new Date() }: LogFileOptions): LogFile {
  let fd: number | undefined;
  let openName = '';
  const told = new Set<string>();
  const close = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    write(line) {
      try {
        const name = logFileName(now());
        if (fd === undefined || name !== openName) {
          close();
          mkdirSync(dir, { recursive: true });
          fd = openSync(join(dir, name), 'a', 0o600);
          openName = name;
        }
        writeSync(fd, line);
      } catch (cause) {
        const error = cause as NodeJS.ErrnoException;
        if (!told.has(error.code ?? '')) {
          told.add(error.code ?? '');
          onError(error);
        }
      }
    },
    close,
    path: () => join(dir, logFileName(now())),
  };
}
