import { join, normalize } from 'node:path/posix';
import { z } from 'zod';
import { attempt } from '../dependencies/ecosystem.ts';

/** What a package.json says others may import: `.` and further subpaths, each with the file that it names. */
export interface PackageEntry {
  readonly subpath: string;
  /** Relative to the package's folder. */
  readonly file: string;
}

const Manifest = z.object({
  name: z.string(),
  private: z.unknown().optional(),
  types: z.string().optional().catch(undefined),
  typings: z.string().optional().catch(undefined),
  main: z.string().optional().catch(undefined),
  module: z.string().optional().catch(undefined),
  exports: z.unknown().optional(),
});
const MAX_ENTRIES = 30;
/** Which of several files for one entry says most about it. */
const CONDITIONS = ['types', 'import', 'module', 'default', 'node', 'require', 'browser'];

/** null: nobody is meant to import it. */
export function publishedPackage(
  text: string | undefined,
): { readonly name: string; readonly entries: readonly PackageEntry[] } | null {
  const manifest = Manifest.safeParse(attempt(() => JSON.parse((text ?? '').replace(/^\uFEFF/, '')), null)).data;
  if (manifest === undefined || manifest.private === true) return null;
  const { name, types, typings, module, main, exports } = manifest;
  const first = types ?? typings ?? module ?? main;
  const entries =
    exports === undefined || exports === null
      ? [{ subpath: '.', file: first ?? 'index.js' }]
      : subpathsOf(exports).map(({ subpath, file }) => ({
          subpath,
          // Older packages name their types beside what `exports` says.
          file: subpath === '.' && !isDeclaration(file) ? (types ?? typings ?? file) : file,
        }));
  return { name, entries: entries.slice(0, MAX_ENTRIES) };
}

function subpathsOf(exports: unknown): PackageEntry[] {
  const isMap =
    typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
  const map = isMap ? (exports as Record<string, unknown>) : { '.': exports };
  return Object.entries(map).flatMap(([subpath, target]) => {
    const file = subpath.includes('*') ? null : targetOf(target);
    return file === null || file.includes('*') || !/\.[cm]?[jt]sx?$/.test(file) ? [] : [{ subpath, file }];
  });
}

function targetOf(target: unknown): string | null {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return targetOf(target[0]);
  if (typeof target !== 'object' || target === null) return null;
  for (const condition of CONDITIONS) {
    const found = condition in target ? targetOf((target as Record<string, unknown>)[condition]) : null;
    if (found !== null) return found;
  }
  return null;
}

const isDeclaration = (path: string): boolean => /\.d\.[cm]?ts$/.test(path);
const SOURCES = ['.ts', '.mts', '.cts', '.tsx', '.d.ts', '.d.mts', '.d.cts', '.js', '.mjs', '.cjs'];
const ROOTS = ['src', 'source', 'lib', ''];

/**
 * The file of the repository that an entry is made of: itself, its declarations, or the source that a build turns into it
 * (dist/a/b.d.ts from src/a/b.ts). `rootDir`: what tsconfig.json says of it. null: it cannot be told.
 */
export function sourceOfEntry(
  folder: string,
  file: string,
  files: ReadonlySet<string>,
  rootDir: string | null,
): string | null {
  const path = normalize(file).replace(/^\.\//, '');
  const stem = path.replace(/\.(d\.)?[cm]?[jt]sx?$/, '');
  const below = stem.split('/');
  const tails = below.map((_part, index) => below.slice(index).join('/')).slice(1, 4);
  const roots = [...new Set([...(rootDir === null ? [] : [rootDir]), ...ROOTS])];
  const stems = [stem, ...tails.flatMap((tail) => roots.map((root) => join(root, tail)))];
  for (const each of stems)
    for (const extension of each === stem && !isDeclaration(path) ? ['.d.ts', '.d.mts', '.d.cts', ...SOURCES] : SOURCES)
      if (files.has(join(folder, each + extension))) return join(folder, each + extension);
  return null;
}
