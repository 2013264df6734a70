import { parse } from 'smol-toml';
import { z } from 'zod';
import type { Project } from './detector.ts';
import type { PythonHints } from './python-hints.ts';
import type { RecipeCommand } from './recipe.ts';

export const VENV = '{cache}/venv';
/** Lock files are read by their own tool, in an environment that is not kept. */
const TOOLS = '{cache}/tools';
const LOCKED = '{cache}/locked.txt';
/** Names that projects give to what their tests need. */
const TEST_EXTRAS = ['test', 'tests', 'testing', 'dev'];

export interface PythonNeeds {
  readonly requirements: readonly string[];
  /** pyproject.toml or setup.py is there. */
  readonly manifest: boolean;
  readonly pytest: boolean;
  readonly hints: PythonHints;
  /** Folders with a manifest of their own: the one that the task's module names, and those that need it. */
  readonly subprojects: readonly string[];
}

/**
 * Makes the virtual environment. pip installs everything, so that the machine's own configuration for it (registries,
 * certificates) counts; what uv.lock or poetry.lock says is handed to it as a list.
 */
export function prepareCommands(project: Project, needs: PythonNeeds): RecipeCommand[] {
  const command = (...argv: [string, ...string[]]): RecipeCommand => ({ step: 'prepare', cwd: project.root, argv });
  const pyproject = readPyproject(project.read('pyproject.toml'));
  const commands = [command('python3', '-m', 'venv', VENV)];
  const locked = lockExport(project, pyproject);
  if (locked !== null) {
    commands.push(command('python3', '-m', 'venv', TOOLS));
    commands.push(command(`${TOOLS}/bin/pip`, 'install', ...locked.tools));
    commands.push(command(...locked.argv));
    commands.push(command('pip', 'install', '-r', LOCKED));
  }
  const requirements = [...new Set([...needs.requirements, ...needs.hints.requirements])];
  if (requirements.length > 0)
    commands.push(command('pip', 'install', ...requirements.flatMap((path) => ['-r', path])));
  // A pyproject.toml may only configure tools; then there is nothing to install.
  const installable = project.files.has('setup.py') || project.files.has('setup.cfg') || pyproject.installable;
  const extras = [
    ...new Set([...pyproject.extras, ...needs.hints.extras.filter((name) => pyproject.allExtras.includes(name))]),
  ];
  if (needs.manifest && installable)
    commands.push(command('pip', 'install', '-e', extras.length > 0 ? `.[${extras.join(',')}]` : '.'));
  if (needs.subprojects.length > 0)
    commands.push(command('pip', 'install', ...needs.subprojects.flatMap((folder) => ['-e', `./${folder}`])));
  if (pyproject.groups.length > 0 && locked === null) {
    // The pip that a Python brings along may be older than dependency groups.
    commands.push(command('pip', 'install', '--upgrade', 'pip'));
    commands.push(command('pip', 'install', ...pyproject.groups.flatMap((group) => ['--group', group])));
  }
  if (needs.hints.packages.length > 0) commands.push(command('pip', 'install', ...needs.hints.packages));
  // Named in a configuration that pip does not read, or only used.
  if (needs.pytest) commands.push(command('sh', '-c', 'python -c "import pytest" 2>/dev/null || pip install pytest'));
  return commands;
}

interface LockExport {
  readonly tools: readonly string[];
  readonly argv: readonly [string, ...string[]];
}

/** How the lock file becomes a list for pip, without network; null: there is none. */
function lockExport({ files }: Project, { groups, extras, poetryGroups }: Pyproject): LockExport | null {
  const list = (option: string, names: readonly string[]) => names.flatMap((name) => [option, name]);
  if (files.has('uv.lock'))
    return {
      tools: ['uv'],
      argv: [
        `${TOOLS}/bin/uv`,
        'export',
        '--quiet',
        '--offline',
        '--frozen',
        '--no-emit-workspace',
        '--no-hashes',
        ...list('--extra', extras),
        ...list('--group', groups),
        '--output-file',
        LOCKED,
      ],
    };
  if (files.has('poetry.lock'))
    return {
      tools: ['poetry', 'poetry-plugin-export'],
      argv: [
        `${TOOLS}/bin/poetry`,
        'export',
        '--without-hashes',
        ...list('--with', [...new Set([...groups, ...poetryGroups])]),
        ...list('--extras', extras),
        '--output',
        LOCKED,
      ],
    };
  return null;
}

const Schema = z.object({
  'build-system': z.unknown().optional(),
  project: z.object({ 'optional-dependencies': z.record(z.string(), z.unknown()).catch({}) }).optional(),
  'dependency-groups': z.record(z.string(), z.unknown()).catch({}),
  tool: z
    .object({
      poetry: z
        .object({
          group: z.record(z.string(), z.unknown()).catch({}),
          extras: z.record(z.string(), z.unknown()).catch({}),
        })
        .optional(),
    })
    .catch({}),
});

interface Pyproject {
  readonly installable: boolean;
  /** For tests. */
  readonly extras: readonly string[];
  readonly allExtras: readonly string[];
  readonly groups: readonly string[];
  readonly poetryGroups: readonly string[];
}

/** What of pyproject.toml decides how it is installed; broken TOML counts as none, which pip then says better. */
function readPyproject(text = ''): Pyproject {
  const named = (record: Record<string, unknown> = {}) => TEST_EXTRAS.filter((name) => name in record);
  try {
    const parsed = Schema.parse({ 'dependency-groups': {}, tool: {}, ...parse(text) });
    const poetry = parsed.tool.poetry;
    const extras = { ...parsed.project?.['optional-dependencies'], ...poetry?.extras };
    return {
      installable: parsed['build-system'] !== undefined || parsed.project !== undefined,
      extras: named(extras),
      allExtras: Object.keys(extras),
      groups: named(parsed['dependency-groups']),
      poetryGroups: named(poetry?.group),
    };
  } catch {
    return { installable: text !== '', extras: [], allExtras: [], groups: [], poetryGroups: [] };
  }
}
