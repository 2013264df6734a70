import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../errors/app-error.ts';
import { mapSystemError } from '../errors/map-system-error.ts';

/**
 * Makes ORCHESTRATOR_HOME if it is not there yet and checks that it can be written. A new one tells git to ignore it,
 * because it often stands in a checkout. Throws HOME_NOT_WRITABLE, DISK_FULL.
 */
export function prepareHome(path: string): void {
  try {
    if (makeFolder(path)) writeFileSync(join(path, '.gitignore'), '*\n');
    if (!statSync(path).isDirectory()) throw new AppError('HOME_NOT_WRITABLE', { path, reason: 'it is a file' });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const mapped = mapSystemError(error, { path });
    if (mapped instanceof AppError) throw mapped;
    throw new AppError(
      'HOME_NOT_WRITABLE',
      { path, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/** Returns whether it was made. Segment by segment: Node's recursive mkdir never ends where a folder cannot be made, as in /proc. */
export function makeFolder(path: string): boolean {
  if (existsSync(path)) return false;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o755 });
  return true;
}
