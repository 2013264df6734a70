import { join } from 'node:path/posix';
import picomatch from 'picomatch';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Project } from './detector.ts';
import { moduleFolder } from './module-folder.ts';

const Workspaces = z.object({
  workspaces: z
    .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform(({ packages }) => packages)])
    .catch([]),
});
const PnpmWorkspace = z.object({ packages: z.array(z.string()).catch([]) });
const Named = z.object({ name: z.string() });

/** The folder of the workspace's package that the task's module names, by its folder or its name; null: none. */
export function workspaceMember(project: Project): string | null {
  const globs = workspaceGlobs(project);
  if (project.module === null || globs.length === 0) return null;
  const included = picomatch(globs.filter((glob) => !glob.startsWith('!')).map(plain), {
    ignore: globs.filter((glob) => glob.startsWith('!')).map((glob) => plain(glob.slice(1))),
  });
  const members = [...project.files]
    .filter((path) => path.endsWith('/package.json'))
    .map((path) => path.slice(0, -'/package.json'.length))
    .filter((folder) => included(folder));
  const folder = moduleFolder(project.files, project.module);
  if (folder !== null && members.includes(folder)) return folder;
  return members.find((member) => nameOf(project.read(join(member, 'package.json'))) === project.module) ?? null;
}

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
const nameOf = (text: string | undefined): string | null =>
  Named.safeParse(tryParse(JSON.parse, text)).data?.name ?? null;

function tryParse(read: (text: string) => unknown, text: string | undefined): unknown {
  try {
    return text === undefined ? null : read(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
