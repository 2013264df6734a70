import { join } from 'node:path/posix';
import type { DetectedRecipe, Project } from './detector.ts';
import { testCommand } from './node-test-command.ts';
import { isTsconfig, workspaceParts } from './node-workspace.ts';
import { NO_CACHES, type RecipeCommand, type ReportFiles } from './recipe.ts';

/** What npm, pnpm and yarn have in common. */
export interface PackageManager {
  /** The package to fetch it from, with its version; absent: the machine has it. */
  readonly manager?: string;
  readonly command: string;
  /** Installs what the lockfile says, without running any script of a package. */
  readonly arguments: readonly string[];
  readonly lockfile: string | null;
  /** Runs a script of package.json with further arguments for it. */
  readonly script: (name: string, extra: readonly string[]) => readonly [string, ...string[]];
  readonly tools: readonly string[];
  /** For prepare and runs. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly packageManager: string | undefined;
}

/** null: absent, or no JSON object. Wrong shapes count as absent. */
export function readPackageJson(project: Pick<Project, 'read'>, path = 'package.json'): PackageJson | null {
  const text = project.read(path);
  if (text === undefined) return null;
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof json !== 'object' || json === null) return null;
    const part = (name: string) => texts((json as Record<string, unknown>)[name]);
    const manager = (json as Record<string, unknown>).packageManager;
    return {
      scripts: part('scripts'),
      dependencies: {
        ...part('dependencies'),
        ...part('devDependencies'),
        ...part('optionalDependencies'),
        ...part('peerDependencies'),
      },
      packageManager: typeof manager === 'string' ? manager : undefined,
    };
  } catch {
    return null;
  }
}

const texts = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};

/** Bun installs and runs what its lockfile is there for, unless npm has one too. */
export const isBunProject = ({ files }: Project, manifest: PackageJson): boolean =>
  (files.has('bun.lock') || files.has('bun.lockb') || /^bun@/.test(manifest.packageManager ?? '')) &&
  !files.has('package-lock.json');

/** Manifests of the root and of workspaces: they decide what is installed. */
export const nodeManifests = (files: readonly string[]): string[] =>
  files
    .filter(
      (path) =>
        /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|bun\.lockb?|\.npmrc|\.yarnrc(\.yml)?)$/.test(
          path,
        ) && !path.includes('node_modules/'),
    )
    .slice(0, 200);

/** What the detectors read: manifests, and who refers to whose sources. */
export const nodeReads = (files: readonly string[]): string[] => [
  ...nodeManifests(files),
  ...files.filter((path) => isTsconfig(path) && !path.includes('node_modules/')).slice(0, 200),
];

export function nodeRecipe(project: Project, manifest: PackageJson, manager: PackageManager): DetectedRecipe | null {
  const parts = (workspaceParts(project) ?? []).map(({ folder }) => {
    const own = readPackageJson(project, join(folder, 'package.json'));
    const cwd = join(project.root, folder);
    return { cwd, scripts: own?.scripts ?? {}, test: own === null ? null : testCommand(cwd, own, manager) };
  });
  // Without tests of its own the package is tested by the whole.
  const narrowed = parts[0]?.test ? parts : [];
  const build: RecipeCommand[] = [];
  // What a package imports from others of the workspace may have to be built: the whole is.
  for (const name of ['build', 'typecheck'])
    for (const { cwd } of manifest.scripts[name]
      ? [{ cwd: project.root }]
      : narrowed.filter(({ scripts }) => scripts[name]))
      build.push({ step: 'build', argv: manager.script(name, []), cwd });
  const tests = (
    narrowed.length > 0 ? narrowed.map(({ test }) => test) : [testCommand(project.root, manifest, manager)]
  ).filter((test) => test !== null);
  if (build.length === 0 && tests.length === 0) return null;
  const hasDependencies =
    Object.keys(manifest.dependencies).length > 0 ||
    [...project.files].some((path) => path.endsWith('/package.json') && !path.includes('node_modules/'));
  const prepare: RecipeCommand[] = [];
  if (manager.manager !== undefined)
    prepare.push({
      step: 'prepare',
      cwd: '',
      argv: ['npm', 'install', '--prefix', MANAGER, '--no-save', '--ignore-scripts', manager.manager],
    });
  if (hasDependencies)
    prepare.push({ step: 'prepare', argv: [manager.command, ...manager.arguments], cwd: project.root });
  const env = {
    ...QUIET,
    ...manager.env,
    ...(manager.manager === undefined ? {} : { PATH: `${MANAGER}/node_modules/.bin` }),
  };
  return {
    ...(narrowed.length === 0 ? {} : { roots: narrowed.map(({ cwd }) => cwd) }),
    tools: ['node', ...manager.tools],
    prepare,
    // No script of a package runs, nor one of the project's own.
    fetch: prepare,
    build,
    test: tests.map((test) => test.command),
    reports: tests.flatMap((test) => test.reports).filter(isFirst),
    env: Object.assign({}, env, ...tests.map((test) => test.env)),
    prepareEnv: { ...env, npm_config_cache: '{cache}/npm' },
    caches:
      prepare.length === 0
        ? NO_CACHES
        : {
            keyFiles: nodeManifests([...project.files]).map((path) => join(project.root, path)),
            outputs: [join(project.root, '**/node_modules')],
            folders: manager.manager === undefined ? [] : [{ path: 'manager', mode: 'readonly' }],
          },
  };
}

/** Packages with the same runner name the same reports: each command has a folder of its own for them. */
const isFirst = (report: ReportFiles, index: number, all: readonly ReportFiles[]): boolean =>
  all.findIndex((other) => other.format === report.format && other.glob === report.glob) === index;

const MANAGER = '{cache}/manager';
const QUIET = { npm_config_update_notifier: 'false', npm_config_fund: 'false', npm_config_audit: 'false' } as const;
