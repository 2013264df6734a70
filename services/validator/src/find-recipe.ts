import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Detector, Project } from './detector.ts';
import { loadFolder } from './load-folder.ts';
import { moduleFolder } from './module-folder.ts';
import { NO_CACHES, type Recipe, type RecipeCommand } from './recipe.ts';

export interface FindRecipeOptions {
  readonly mirror: Mirror;
  /** The base commit: a change never decides how it is tested. */
  readonly commit: string;
  /** Its configuration. */
  readonly validate: OrchestratorConfig['validate'];
  readonly module: string | null;
  readonly tools: ReadonlySet<string>;
  /** For messages. */
  readonly repo: string;
}

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAX_PROJECTS = 8;

let detectors: Promise<readonly Detector[]> | null = null;
const loadDetectors = () => {
  detectors ??= loadFolder<Detector>(join(import.meta.dirname, 'detectors'));
  return detectors;
};

/** The commands of orchestrator.yaml, completed by what the detectors find. Throws NO_COMMANDS, TOOL_MISSING. */
export async function findRecipe({
  mirror,
  commit,
  validate,
  module,
  tools,
  repo,
}: FindRecipeOptions): Promise<Recipe> {
  const files = (await mirror.listFiles(commit))
    .filter((file) => file.mode === '100644' || file.mode === '100755')
    .map((file) => file.path);
  const found: Recipe[] = [];
  const detect = (root: string) => detectIn({ root, files, module, tools, mirror, commit });
  const whole = await detect('');
  const folder = moduleFolder(files, module);
  const narrowed = whole.filter((each) => !each.roots.includes(''));
  if (narrowed.length > 0) found.push(...narrowed);
  else {
    // A module of another ecosystem than the root's is a project of its own.
    const own = folder === null ? [] : await detect(folder);
    const others = own.filter((each) => !whole.some((other) => other.detector === each.detector));
    if (others.length > 0) found.push(...others);
    else if (whole.length > 0) found.push(...whole);
    else for (const root of topFolders(files)) found.push(...(await detect(root)));
  }
  const recipe = override(combine(found), validate);
  if (recipe.build.length === 0 && recipe.test.length === 0) throw new AppError('NO_COMMANDS', { repo });
  const missing = recipe.tools.find((tool) => !tools.has(tool));
  if (missing !== undefined)
    throw new AppError('TOOL_MISSING', {
      tool: missing,
      fix: `${repo} needs it to build (${recipe.detector}); install it, or set validate.build and validate.test in orchestrator.yaml.`,
    });
  return recipe;
}

/** Whether every path lies in a folder that the recipe builds and tests. */
export const coversAll = (recipe: Recipe, paths: readonly string[]): boolean =>
  paths.every((path) => recipe.roots.some((root) => root === '' || path.startsWith(`${root}/`)));

/** Identity of what is run: a baseline is only comparable to a run of the same recipe. */
export function recipeHash(recipe: Recipe, profile: string): string {
  return createHash('sha256')
    .update(JSON.stringify([profile, recipe]))
    .digest('hex');
}

/** Folders nearest to the root: where projects are if the root is none. */
const topFolders = (files: readonly string[]): string[] =>
  [...new Set(files.filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))))].sort();

interface DetectOptions extends Pick<FindRecipeOptions, 'mirror' | 'commit' | 'module' | 'tools'> {
  readonly root: string;
  readonly files: readonly string[];
}

async function detectIn({ root, files, module, tools, mirror, commit }: DetectOptions): Promise<Recipe[]> {
  const prefix = root === '' ? '' : `${root}/`;
  const below = files.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const all = await loadDetectors();
  const wanted = new Set(all.flatMap((detector) => detector.manifests(below)));
  if (wanted.size === 0) return [];
  const contents = await mirror.readFiles(
    commit,
    [...wanted].map((path) => prefix + path),
    MAX_MANIFEST_BYTES,
  );
  const project: Project = {
    root,
    files: new Set(below),
    read: (path) => contents.get(prefix + path)?.toString('utf8'),
    module,
    tools,
  };
  const run = (chosen: readonly Detector[]) =>
    chosen.flatMap((detector) => {
      const recipe = detector.detect(project);
      return recipe === null ? [] : [{ detector: detector.id, roots: [root], ...recipe }];
    });
  const found = run(all.filter((detector) => detector.fallback === undefined));
  if (found.length > 0) return found;
  const fallbacks = all.filter((detector) => detector.fallback !== undefined);
  for (const detector of fallbacks.sort((a, b) => (a.fallback ?? 0) - (b.fallback ?? 0))) {
    const recipes = run([detector]);
    if (recipes.length > 0) return recipes;
  }
  return [];
}

/** Recipes of several ecosystems or folders as one. */
function combine(recipes: readonly Recipe[]): Recipe {
  const chosen = recipes.slice(0, MAX_PROJECTS);
  return {
    detector: [...new Set(chosen.map((recipe) => recipe.detector))].join('+') || 'config',
    roots: [...new Set(chosen.flatMap((recipe) => recipe.roots))],
    tools: [...new Set(chosen.flatMap((recipe) => recipe.tools))],
    prepare: chosen.flatMap((recipe) => recipe.prepare),
    // As a whole only: some packages of the change would be there and others not.
    ...(chosen.every((recipe) => recipe.fetch !== undefined || recipe.prepare.length === 0)
      ? { fetch: chosen.flatMap((recipe) => recipe.fetch ?? []) }
      : {}),
    build: chosen.flatMap((recipe) => recipe.build),
    test: chosen.flatMap((recipe) => recipe.test),
    reports: chosen.flatMap((recipe) => recipe.reports),
    env: mergeEnv(chosen.map((recipe) => recipe.env)),
    prepareEnv: mergeEnv(chosen.map((recipe) => recipe.prepareEnv)),
    caches: chosen.reduce(
      (all, { caches }) => ({
        keyFiles: [...all.keyFiles, ...caches.keyFiles],
        outputs: [...all.outputs, ...caches.outputs],
        folders: [...all.folders, ...caches.folders],
      }),
      NO_CACHES,
    ),
  };
}

function mergeEnv(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const env of all)
    for (const [name, value] of Object.entries(env))
      merged[name] = name === 'PATH' && merged.PATH !== undefined ? `${merged.PATH}:${value}` : value;
  return merged;
}

function override(recipe: Recipe, validate: OrchestratorConfig['validate']): Recipe {
  const commands = (step: RecipeCommand['step']) =>
    validate[step]?.map((command): RecipeCommand => ({ step, argv: asArgv(command), cwd: '' }));
  const test = commands('test');
  const build = commands('build');
  const { fetch, ...rest } = recipe;
  return {
    ...rest,
    // A person's commands may run anything.
    ...(fetch === undefined || validate.prepare !== undefined ? {} : { fetch }),
    detector: test !== undefined && build !== undefined ? 'config' : recipe.detector,
    // Commands of a person are for the whole repository.
    roots: test !== undefined || build !== undefined ? [''] : recipe.roots,
    // Commands that a person chose need whatever they need; what is missing then shows in their output.
    tools: test !== undefined || build !== undefined ? [] : recipe.tools,
    prepare: commands('prepare') ?? recipe.prepare,
    build: build ?? recipe.build,
    test: test ?? recipe.test,
    reports: validate.reports?.map((glob) => ({ format: 'junit' as const, glob })) ?? recipe.reports,
  };
}

/** A text is run by a shell. A person's command may name {reports} and the other places, as a detector's does. */
const asArgv = (command: string | readonly string[]): [string, ...string[]] =>
  typeof command === 'string' ? ['sh', '-c', command] : (command as [string, ...string[]]);
