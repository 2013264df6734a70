import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';

/** Writes each file whole or not at all, in the order given. Throws DISK_FULL, HOME_NOT_WRITABLE. Gives the paths. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true });
    const paths: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      const aside = `${path}.${process.pid}.part`;
      await writeFile(aside, content);
      await rename(aside, path);
      paths.push(path);
    }
    return paths;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new AppError('DISK_FULL', { path: folder }, { cause: error });
    throw new AppError('HOME_NOT_WRITABLE', { path: folder, reason: message }, { cause: error });
  }
}
