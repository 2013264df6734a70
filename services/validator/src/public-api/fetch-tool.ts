import { type Prepared, type PrepareOptions, prepareDependencies } from '../prepare/prepared.ts';
import { NO_CACHES, type RecipeCommand } from '../recipe.ts';
import type { ApiQuestion } from './api-question.ts';

/** A program that is fetched from the machine's registries when it is first asked for. */
interface FetchedTool {
  /** Leave it in a folder of the tool's name below {cache}. */
  readonly commands: readonly RecipeCommand['argv'][];
  readonly env: Readonly<Record<string, string>>;
}

const TOOLS: Readonly<Record<Exclude<ApiQuestion['tool'], 'typescript'>, FetchedTool>> = {
  // This version reads Python from 3.9 on.
  griffe: {
    commands: [
      ['python3', '-m', 'venv', '{cache}/griffe'],
      ['{cache}/griffe/bin/pip', 'install', 'griffe==1.14.0'],
    ],
    env: { PIP_NO_CACHE_DIR: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' },
  },
  // It reads what the machine's compiler writes, so it must not be much older.
  apidiff: {
    commands: [['go', 'install', 'golang.org/x/exp/cmd/apidiff@v0.0.0-20261113113407-e3970619a1a4']],
    env: {
      GOBIN: '{cache}/apidiff',
      GOPATH: '{work}/.apidiff',
      GOCACHE: '{work}/.apidiff/build',
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      GOTELEMETRY: 'off',
    },
  },
};

/** Once for each state of the repository's manifests, as its dependencies; `failed`: it could not be had. */
export function fetchTool(tool: keyof typeof TOOLS, options: PrepareOptions): Promise<Prepared> {
  const { commands, env } = TOOLS[tool];
  return prepareDependencies({
    ...options,
    recipe: {
      detector: tool,
      roots: [''],
      tools: [],
      prepare: commands.map((argv) => ({ step: 'prepare', cwd: '', argv })),
      build: [],
      test: [],
      reports: [],
      env: {},
      prepareEnv: env,
      caches: {
        ...NO_CACHES,
        keyFiles: options.recipe.caches.keyFiles,
        folders: [{ path: tool, mode: 'readonly' }],
      },
    },
  });
}
