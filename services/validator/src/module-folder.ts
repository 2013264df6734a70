/** Deeper folders are not taken for a module. */
export const MAX_MODULE_DEPTH = 4;

/** The folder that a task's module means: its path, or the end of one; the one nearest to the root. null: there is none. */
export function moduleFolder(files: Iterable<string>, module: string | null): string | null {
  const wanted = module?.replace(/^[./:]+|\/+$/g, '').replaceAll(':', '/') ?? '';
  if (wanted === '') return null;
  let found: string | null = null;
  for (const path of files) {
    const parts = path.split('/').slice(0, -1).slice(0, MAX_MODULE_DEPTH);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      const fits = folder === wanted || folder.endsWith(`/${wanted}`);
      if (
        fits &&
        (found === null || depthOf(folder) < depthOf(found) || (depthOf(folder) === depthOf(found) && folder < found))
      )
        found = folder;
    }
  }
  return found;
}

const depthOf = (folder: string): number => folder.split('/').length;
