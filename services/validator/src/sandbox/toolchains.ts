import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What is installed on the machine outside /usr, so that the box can show it at the same place, read-only. */
export interface Toolchains {
  /** Folders shown in the box at their own path. */
  readonly folders: readonly string[];
  /** In front of /usr/local/bin:/usr/bin:/bin. */
  readonly pathFolders: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Names of the commands that a recipe may use. */
  readonly tools: ReadonlySet<string>;
}

const execute = promisify(execFile);
const TOOLS = [
  'node',
  'npm',
  'npx',
  'mvn',
  'java',
  'javac',
  'go',
  'cargo',
  'rustc',
  'python3',
  'make',
  'gradle',
  'pnpm',
  'yarn',
  'bash',
  'cc',
  'gcc',
  'bun',
  'dotnet',
];
const SYSTEM_FOLDERS = ['/usr/', '/bin/', '/sbin/', '/lib/', '/opt/'];

let found: Promise<Toolchains> | null = null;

/** Looks once a process. Only the machine's own tools are asked, never anything of a repository. */
export function findToolchains(): Promise<Toolchains> {
  found ??= look();
  return found;
}

async function look(): Promise<Toolchains> {
  const folders = new Set<string>();
  const pathFolders = new Set<string>();
  const env: Record<string, string> = {};
  const add = (folder: string, bin: string) => {
    if (!existsSync(bin)) return;
    if (!isSystem(folder)) folders.add(folder);
    if (!['/usr/bin', '/usr/local/bin', '/bin'].includes(bin)) pathFolders.add(bin);
  };

  // The user's own Node, as their repository expects it; ours, which may be newer, only where the machine has none.
  const node = realPath(onPath('node')) ?? process.execPath;
  add(dirname(node), dirname(node));
  const npm = realPath(onPath('npm'));
  // …/lib/node_modules/npm/bin/npm-cli.js: the installation that npm belongs to.
  if (npm?.includes('/lib/node_modules/npm/')) {
    const prefix = npm.slice(0, npm.indexOf('/lib/node_modules/npm/'));
    add(prefix, join(prefix, 'bin'));
  }
  // One file each, wherever it lies.
  for (const tool of ['bun', 'dotnet']) {
    const path = realPath(onPath(tool));
    if (path !== null) add(dirname(path), dirname(path));
  }
  const [sysroot, goRoot, pythonPrefix] = await Promise.all([
    ask('rustc', ['--print', 'sysroot']),
    ask('go', ['env', 'GOROOT']),
    ask('python3', ['-I', '-c', 'import sys; print(sys.base_prefix)']),
  ]);
  for (const folder of [sysroot, goRoot, pythonPrefix]) if (folder !== null) add(folder, join(folder, 'bin'));
  const javaHome = process.env.JAVA_HOME ?? parentOf(realPath(onPath('javac') ?? onPath('java')), 2);
  if (javaHome && existsSync(join(javaHome, 'bin/java'))) {
    add(javaHome, join(javaHome, 'bin'));
    env.JAVA_HOME = javaHome;
  }
  const maven = parentOf(realPath(onPath('mvn')), 2);
  if (maven !== null && !isSystem(`${maven}/`)) add(maven, join(maven, 'bin'));

  const paths = [...pathFolders];
  const tools = new Set(
    TOOLS.filter((tool) => [...paths, ...SYSTEM_PATH].some((folder) => isExecutable(join(folder, tool)))),
  );
  return { folders: [...folders], pathFolders: paths, env, tools };
}

export const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'] as const;

/** Shown in the box anyway. */
const isSystem = (folder: string): boolean => SYSTEM_FOLDERS.some((system) => `${folder}/`.startsWith(system));

async function ask(tool: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await execute(tool, args, { cwd: '/', timeout: 20_000 });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

function onPath(tool: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, tool);
    if (folder.startsWith('/') && !folder.includes('/node_modules/') && isExecutable(path)) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const realPath = (path: string | null): string | null => (path === null ? null : realpathSync(path));

function parentOf(path: string | null, levels: number): string | null {
  let folder = path;
  for (let level = 0; level < levels && folder !== null; level++) folder = dirname(folder);
  return folder;
}
