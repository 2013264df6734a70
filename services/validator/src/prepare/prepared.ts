import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandResult, PrepareNetwork } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { z } from 'zod';
import type { Recipe } from '../recipe.ts';
import { type CommandLimits, runCommand, succeeded } from '../run-commands.ts';
import type { Mount, Sandbox, SandboxSession } from '../sandbox/sandbox.ts';
import { findByGlob } from '../workspace/folder-globs.ts';
import { copyTree, makeRunDirectory, type RunDirectory, removeTree } from '../workspace/run-directory.ts';
import { machineConfiguration } from './machine-configuration.ts';
import { startPrepareProxy } from './prepare-proxy.ts';

export interface PrepareOptions {
  readonly home: string;
  /** Entries are never shared between repositories. */
  readonly repositoryId: string;
  readonly mirror: Mirror;
  /** The base commit: only what the user's own manifests ask for is fetched. */
  readonly commit: string;
  readonly recipe: Recipe;
  readonly sandbox: Sandbox;
  readonly session: SandboxSession;
  readonly limits: CommandLimits;
  /** sandbox.prepareHosts. */
  readonly prepareHosts: readonly string[];
  /** The only public hosts to be reached; absent: all. */
  readonly onlyHosts?: readonly string[];
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** Fetched dependencies, as a folder that runs only ever read or copy. */
export interface Prepared {
  readonly commands: readonly CommandResult[];
  readonly failed: boolean;
  /** Hosts that were reached for it, also when that was for an earlier run. */
  readonly network: PrepareNetwork;
  /** Puts what the run needs into its folders; gives the mounts of what is only read. */
  restore(directory: RunDirectory): Promise<readonly Mount[]>;
}

const Stored = z.object({ network: PrepareNetwork });
const DONE_FILE = 'done.json';
const KEPT_ENTRIES = 4;
const NOTHING: Prepared = {
  commands: [],
  failed: false,
  network: { hosts: [], refused: [] },
  restore: async () => [],
};

/**
 * Fetches the dependencies of the base commit, with network, once for each state of its manifests. The result is kept
 * below ORCHESTRATOR_HOME/cache and never written by a run. Throws SANDBOX_UNAVAILABLE.
 */
export async function prepareDependencies(options: PrepareOptions): Promise<Prepared> {
  const { recipe, home, repositoryId } = options;
  if (recipe.prepare.length === 0) return NOTHING;
  const parent = join(home, 'cache', 'dependencies', repositoryId);
  const entry = join(parent, await entryKey(options));
  if (await stat(join(entry, DONE_FILE)).catch(() => null)) {
    await utimes(entry, new Date(), new Date()).catch(() => {});
    return prepared(entry, options, [], await storedNetwork(entry));
  }
  const directory = await makeRunDirectory(home);
  try {
    const { commands, network } = await fetchInto(directory, options);
    if (commands.some((command) => !succeeded(command))) return { ...NOTHING, commands, network, failed: true };
    await keep(directory, entry, { detector: recipe.detector, caches: recipe.caches, network });
    await evict(parent);
    return prepared(entry, options, commands, network);
  } finally {
    await directory.remove();
  }
}

/** Which files decide: the manifests' blobs, the commands, and the sandbox whose paths are baked into what was fetched. */
async function entryKey({ mirror, commit, recipe, sandbox }: PrepareOptions): Promise<string> {
  const wanted = new Set(recipe.caches.keyFiles);
  const blobs = (await mirror.listFiles(commit))
    .filter((file) => wanted.has(file.path))
    .map((file) => [file.path, file.sha]);
  // Commands of a person's own choosing may read anything.
  const whole = wanted.size === 0 ? commit : '';
  return createHash('sha256')
    .update(
      JSON.stringify([
        2,
        sandbox.info.tier,
        process.version,
        recipe.prepare,
        recipe.prepareEnv,
        recipe.caches,
        blobs,
        whole,
      ]),
    )
    .digest('hex')
    .slice(0, 32);
}

async function fetchInto(
  directory: RunDirectory,
  options: PrepareOptions,
): Promise<{ commands: CommandResult[]; network: PrepareNetwork }> {
  const { recipe, mirror, commit, session, sandbox, limits, signal, progress } = options;
  const layout = sandbox.layout(directory);
  await mirror.checkout(commit, directory.work);
  const machine = await machineConfiguration(join(directory.home, 'machine'), layout);
  await directory.own(session.owner);
  const proxy = await startPrepareProxy({
    rules: {
      machineHosts: machine.hosts,
      prepareHosts: options.prepareHosts,
      ...(options.onlyHosts === undefined ? {} : { onlyHosts: new Set(options.onlyHosts) }),
    },
    owner: session.owner,
  });
  const setting = {
    session,
    layout,
    directory,
    limits,
    signal,
    progress,
    network: { proxySocketPath: proxy.socketPath },
    env: { ...machine.env, ...recipe.prepareEnv },
    readOnly: machine.mounts,
  } as const;
  const results: CommandResult[] = [];
  try {
    for (const command of recipe.prepare) {
      const { result } = await runCommand(command, setting);
      results.push(result);
      if (!succeeded(result)) break;
    }
  } finally {
    await proxy.close();
    await removeTree(join(directory.home, 'machine'));
  }
  return { commands: results, network: { hosts: proxy.hosts(), refused: proxy.refused() } };
}

/** Moves what was fetched to its place in one step: a half-made entry is never seen. */
async function keep(
  directory: RunDirectory,
  entry: string,
  { detector, caches, network }: Pick<Recipe, 'detector' | 'caches'> & { readonly network: PrepareNetwork },
): Promise<void> {
  const aside = join(directory.path, `entry-${randomUUID()}`);
  await mkdir(join(aside, 'work'), { recursive: true });
  await mkdir(join(aside, 'cache'));
  for (const folder of await findByGlob(directory.work, { globs: caches.outputs, kind: 'folder' })) {
    await mkdir(dirname(join(aside, 'work', folder)), { recursive: true });
    await rename(join(directory.work, folder), join(aside, 'work', folder));
  }
  for (const { path } of caches.folders) {
    if (!(await isRealFolder(directory.cache, path))) continue;
    await mkdir(dirname(join(aside, 'cache', path)), { recursive: true });
    await rename(join(directory.cache, path), join(aside, 'cache', path));
  }
  await writeFile(join(aside, DONE_FILE), JSON.stringify({ at: new Date().toISOString(), detector, network }));
  await mkdir(dirname(entry), { recursive: true });
  // Another worker may have been faster; its entry is as good.
  await rename(aside, entry).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

function prepared(
  entry: string,
  { recipe, sandbox }: PrepareOptions,
  commands: readonly CommandResult[],
  network: PrepareNetwork,
): Prepared {
  return {
    commands,
    network,
    failed: false,
    async restore(directory) {
      const layout = sandbox.layout(directory);
      const mounts: Mount[] = [];
      try {
        await copyTree(join(entry, 'work'), directory.work);
        for (const { path, mode } of recipe.caches.folders) {
          const from = join(entry, 'cache', path);
          if (!(await stat(from).catch(() => null))) continue;
          if (mode === 'readonly' && sandbox.info.tier !== 'none') mounts.push({ from, to: join(layout.cache, path) });
          else {
            await mkdir(join(directory.cache, path), { recursive: true });
            await copyTree(from, join(directory.cache, path));
          }
        }
      } catch (error) {
        throw copyError(error, directory.path);
      }
      return mounts;
    },
  };
}

async function storedNetwork(entry: string): Promise<PrepareNetwork> {
  const stored = Stored.safeParse(JSON.parse(await readFile(join(entry, DONE_FILE), 'utf8')));
  return stored.success ? stored.data.network : NOTHING.network;
}

/** Keeps the entries used last; a running restore from an older one fails and is tried again. */
async function evict(parent: string): Promise<void> {
  const entries = await Promise.all(
    (await readdir(parent)).map(async (name) => ({ name, at: (await stat(join(parent, name))).mtimeMs })),
  );
  for (const { name } of entries.sort((a, b) => b.at - a.at).slice(KEPT_ENTRIES)) await removeTree(join(parent, name));
}

/** Packages' code may have run: a link in place of the folder would be followed into the machine's files later. */
async function isRealFolder(root: string, path: string): Promise<boolean> {
  const wanted = join(await realpath(root), path);
  return (await realpath(wanted).catch(() => null)) === wanted && (await stat(wanted)).isDirectory();
}

function copyError(error: unknown, path: string): unknown {
  return /No space left/.test(String((error as { stderr?: unknown }).stderr))
    ? new AppError('DISK_FULL', { path }, { cause: error })
    : error;
}
