import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { openMirror } from '@orchestrator/shared/repo/open-mirror.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import pino from 'pino';
import { afterEach } from 'vitest';
import { findRecipe } from '../src/find-recipe.ts';
import type { Recipe } from '../src/recipe.ts';

const ALL_TOOLS = new Set('node npm bun java mvn go cargo rustc python3 make bash dotnet'.split(' '));
const folders: { remove: () => void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

/** The recipe of a repository with these files. */
export async function recipeOf(
  files: Record<string, string>,
  options: { validate?: object; module?: string; tools?: ReadonlySet<string> } = {},
) {
  const folder = temporaryFolder();
  folders.push(folder);
  const repository = createRepository(`${folder.path}/target`);
  const commit = repository.commit(files);
  const mirror: Mirror = await openMirror({
    repo: repository.path,
    home: `${folder.path}/home`,
    log: pino({ level: 'silent' }),
  });
  const { validate } = OrchestratorConfig.parse({ validate: options.validate ?? {} });
  return findRecipe({
    mirror,
    commit,
    validate,
    module: options.module ?? null,
    tools: options.tools ?? ALL_TOOLS,
    repo: 'target',
  });
}

/** A package.json with these scripts. */
export const packageJson = (scripts: Record<string, string>, more: object = {}) =>
  JSON.stringify({ name: 'x', scripts, ...more });
/** All its commands as texts, those in a folder behind its name. */
export const commandsOf = (recipe: Recipe) =>
  [...recipe.prepare, ...recipe.build, ...recipe.test].map(
    (command) => `${command.cwd === '' ? '' : `${command.cwd}: `}${command.argv.join(' ')}`,
  );
