import { dirname, join } from 'node:path/posix';
import picomatch from 'picomatch';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Part, withDependents } from './dependents.ts';
import type { Project } from './detector.ts';
import { moduleFolder } from './module-folder.ts';
import { isTestFile } from './test-code/test-source.ts';

const Workspaces = z.object({
  workspaces: z
    .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform(({ packages }) => packages)])
    .catch([]),
});
const PnpmWorkspace = z.object({ packages: z.array(z.string()).catch([]) });
const Named = z.object({ name: z.string() });
const Names = z.record(z.string(), z.unknown()).catch({});
const Dependent = z.object({
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});

/** A package of a workspace. */
export interface WorkspaceMember extends Part {
  /** null: it has none, so nobody can depend on it by name. */
  readonly name: string | null;
}

/**
 * The workspace's package that the task's module names, by its folder or its name, before those that need it; null: none,
 * or who needs it cannot be told. Needing it is to name it as a dependency or to refer to its folder in a tsconfig.json.
 */
export function workspaceParts(project: Project): readonly WorkspaceMember[] | null {
  if (project.module === null) return null;
  const members = workspaceMembers(project);
  const folder = moduleFolder(project.files, project.module);
  const named =
    members?.find((each) => each.folder === folder) ?? members?.find((each) => each.name === project.module);
  if (members === null || named === undefined) return null;
  const parts = withDependents(named.folder, members);
  const root = dependenciesIn(project.read('package.json')) ?? [];
  return parts.some(({ name }) => name !== null && root.includes(name)) || isShared(project, members) ? null : parts;
}

/** null: a manifest cannot be read, or there are too many. */
function workspaceMembers(project: Project): WorkspaceMember[] | null {
  const globs = workspaceGlobs(project);
  if (globs.length === 0) return null;
  const included = picomatch(globs.filter((glob) => !glob.startsWith('!')).map(plain), {
    ignore: globs.filter((glob) => glob.startsWith('!')).map((glob) => plain(glob.slice(1))),
  });
  const files = [...project.files];
  const members: WorkspaceMember[] = [];
  for (const path of files.filter((file) => file.endsWith('/package.json') && !file.includes('node_modules/'))) {
    const folder = path.slice(0, -'/package.json'.length);
    if (!included(folder)) continue;
    const needs = dependenciesIn(project.read(path));
    if (needs === null) return null;
    const configurations = files.filter((file) => isTsconfig(file) && file.startsWith(`${folder}/`));
    if (configurations.some((file) => project.read(file) === undefined)) return null;
    const folders = configurations.flatMap((file) => referencesIn(file, project.read(file)));
    members.push({
      folder,
      name: nameOf(project.read(path)),
      uses: (other) =>
        (other.name !== null && needs.includes(other.name)) ||
        folders.some((each) => each === other.folder || each.startsWith(`${other.folder}/`)),
    });
  }
  return members;
}

/** Tests that lie in no package, or names for sources that all packages share: any package may stand behind them. */
function isShared({ files, read }: Project, members: readonly WorkspaceMember[]): boolean {
  const isOutside = (path: string) => !members.some(({ folder }) => path.startsWith(`${folder}/`));
  return [...files].some(
    (path) =>
      isOutside(path) &&
      (isTsconfig(path)
        ? /"paths"\s*:/.test(read(path) ?? '"paths":')
        : /\.[cm]?[jt]sx?$/.test(path) && isTestFile(path) && !path.includes('node_modules/')),
  );
}

export const isTsconfig = (path: string): boolean => /(^|\/)tsconfig[\w.-]*\.json$/.test(path);

/** Folders and files of the project that a tsconfig.json names by a path of its own. */
const referencesIn = (file: string, text = ''): string[] =>
  [...text.matchAll(/"(\.\.?\/[^"\n]*)"/g)].map((match) => join(dirname(file), match[1] as string));

/** Whether the repository has packages below the root one. */
export function workspaceGlobs({ read }: Pick<Project, 'read'>): readonly string[] {
  const pnpm = tryParse(parse, read('pnpm-workspace.yaml'));
  const npm = tryParse(JSON.parse, read('package.json'));
  return [
    ...(PnpmWorkspace.safeParse(pnpm).data?.packages ?? []),
    ...(Workspaces.safeParse(npm).data?.workspaces ?? []),
  ];
}

const plain = (glob: string): string => glob.replace(/^\.\//, '').replace(/\/$/, '');
/** null: no manifest that can be read. */
function dependenciesIn(text: string | undefined): readonly string[] | null {
  const manifest = Dependent.safeParse(tryParse(JSON.parse, text));
  return manifest.success ? Object.values(manifest.data).flatMap((part) => Object.keys(part)) : null;
}
const nameOf = (text: string | undefined): string | null =>
  Named.safeParse(tryParse(JSON.parse, text)).data?.name ?? null;

function tryParse(read: (text: string) => unknown, text: string | undefined): unknown {
  try {
    return text === undefined ? null : read(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
