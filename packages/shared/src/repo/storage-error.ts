import { AppError } from '../errors/app-error.ts';

const NOT_WRITABLE = ['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST', 'ENOENT'];

/** The file system's error on something below `path` as the error that people are told; any other error as it is. */
export function storageError(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path }, { cause: error });
  if (NOT_WRITABLE.includes(code))
    return new AppError('HOME_NOT_WRITABLE', { path, reason: message }, { cause: error });
  return error;
}
