import type { ClassReport } from '@orchestrator/shared/contracts/verdict.ts';
import { type ClassFile, readClassFile } from './class-file.ts';
import { findClasses } from './find-classes.ts';
import { FOLIA_GUARD, forbiddenIn } from './forbidden.ts';

const MAX_API = 8_000;
const MAX_USES = 500;
/** Where build tools put the classes of tests. */
const TEST_OUTPUT = /(^|\/)(test-classes|classes\/(java|kotlin|groovy)\/(test|\w+Test)|test)\//;
const JVM_SOURCE = /\.(java|kt|scala|groovy)$/;

/** What was seen, and the folders (relative to the workspace) that hold classes which are no tests. */
export interface Inspected {
  readonly report: ClassReport;
  readonly folders: readonly string[];
}

/**
 * Looks at every class that a build left in the workspace. null: there is none. `files`: the tree of the commit. Only
 * reads; classes are not loaded.
 */
export async function inspectClasses(work: string, files: readonly string[]): Promise<Inspected | null> {
  const sources = files.filter((path) => JVM_SOURCE.test(path));
  if (sources.length === 0) return null;
  let highest: ClassReport['highest'] | null = null;
  const uses = new Map<string, ClassReport['uses'][number] & { readonly pack: string }>();
  const guarded = new Set<string>();
  const api = new Set<string>();
  const folders = new Set<string>();
  for await (const { place, bytes } of findClasses(work, new Set(files))) {
    const found = readClassFile(bytes);
    if (found === null || found.name === 'module-info') continue;
    const className = found.name.replaceAll('/', '.');
    if (highest === null || found.major > highest.major) highest = { major: found.major, className };
    if (TEST_OUTPUT.test(place)) continue;
    if (place.endsWith(`/${found.name}.class`)) folders.add(place.slice(0, -found.name.length - '/.class'.length));
    if (found.texts.some((text) => FOLIA_GUARD.test(text))) guarded.add(outermost(className));
    for (const [names, pack] of forbiddenIn(found.texts))
      if (uses.size < MAX_USES && !names.startsWith(`${className}$`) && names !== className)
        uses.set(`${className} ${names}`, { className, names, pack, file: sourceOf(found, sources) });
    if (found.isPublic && api.size <= MAX_API) for (const entry of apiOf(found, className)) api.add(entry);
  }
  if (highest === null) return null;
  const report = {
    highest,
    uses: [...uses.values()]
      .filter((use) => use.pack !== 'folia' || !guarded.has(outermost(use.className)))
      .map(({ className, file, names }) => ({ className, file, names })),
    api: api.size > MAX_API ? null : [...api].sort(),
  };
  return { report, folders: [...folders] };
}

const outermost = (className: string): string => className.replace(/\$.*$/, '');

/** The source of a top-level class by its name alone. */
export const sourceOfName = (className: string, files: readonly string[]): string | null =>
  sourceOf(
    { name: className.replaceAll('.', '/'), sourceFile: `${outermost(className).split('.').at(-1)}.java` },
    files,
  );

/** The source of a class lies in a folder named as its package. */
function sourceOf(
  { name, sourceFile }: Pick<ClassFile, 'name' | 'sourceFile'>,
  sources: readonly string[],
): string | null {
  if (sourceFile === null) return null;
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const fitting = sources.filter((path) => path === folder + sourceFile || path.endsWith(`/${folder}${sourceFile}`));
  // Kotlin leaves out the package that all of a module share.
  const named = fitting.length > 0 ? fitting : sources.filter((path) => path.endsWith(`/${sourceFile}`));
  return named.length === 1 ? (named[0] ?? null) : (fitting[0] ?? null);
}

function apiOf({ members, superName }: ClassFile, className: string): string[] {
  // Anonymous and local classes have a number for a name.
  if (/\$\d/.test(className)) return [];
  return [
    `${className} extends ${superName?.replaceAll('/', '.') ?? ''}`,
    ...members.map((member) => `${className}#${member}`),
  ];
}
