import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The default exports of a folder's files, by name of the file: adding one is adding a file. Throws on a file without a
 * default export, or whose `id` is not its name.
 */
export async function loadFolder<T extends { readonly id: string }>(folder: string): Promise<readonly T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
  return Promise.all(
    names.map(async (name) => {
      const module = (await import(pathToFileURL(join(folder, name)).href)) as { readonly default?: T };
      if (module.default?.id !== name.slice(0, -'.ts'.length))
        throw new Error(`${join(folder, name)} has no default export whose id is its name`);
      return module.default;
    }),
  );
}
