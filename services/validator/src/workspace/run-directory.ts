import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BoxFolders } from '../sandbox/sandbox.ts';

const execute = promisify(execFile);

/** The folders of one run, below ORCHESTRATOR_HOME/workspaces. */
export interface RunDirectory extends BoxFolders {
  readonly path: string;
  /** Gives everything to the user that the sandbox runs as. Links are given, never followed. */
  own(owner: { readonly uid: number; readonly gid: number } | null): Promise<void>;
  /** Empties the reports folder: reports of an earlier command are never read again. */
  freshReports(owner: { readonly uid: number; readonly gid: number } | null): Promise<void>;
  remove(): Promise<void>;
}

const OWNER_FILE = 'owner.json';

/** Makes the folders, and sweeps those of processes that are gone. */
export async function makeRunDirectory(home: string): Promise<RunDirectory> {
  const parent = join(home, 'workspaces');
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const path = join(parent, randomUUID());
  const folders = {
    work: join(path, 'work'),
    cache: join(path, 'cache'),
    reports: join(path, 'reports'),
    home: join(path, 'home'),
  };
  await mkdir(path);
  await writeFile(
    join(path, OWNER_FILE),
    JSON.stringify({ host: hostname(), pid: process.pid, started: await startOf(process.pid) }),
  );
  for (const folder of Object.values(folders)) await mkdir(folder);
  return {
    path,
    ...folders,
    own: async (owner) => {
      if (owner === null) return;
      await execute('/bin/chown', ['-R', '-P', '-h', `${owner.uid}:${owner.gid}`, '--', ...Object.values(folders)], {
        env: {},
      });
    },
    freshReports: async (owner) => {
      await removeTree(folders.reports);
      await mkdir(folders.reports);
      if (owner !== null)
        await execute('/bin/chown', ['-h', `${owner.uid}:${owner.gid}`, '--', folders.reports], { env: {} });
    },
    remove: () => removeTree(path),
  };
}

/** Removes a tree that untrusted code may have filled: folders without permissions, a million entries. Follows no link. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    // As an ordinary user, folders that the command locked have to be opened first.
    await execute('/bin/chmod', ['-R', 'u+rwX', '--', path], { env: {} }).catch(() => {});
    await rm(path, { recursive: true, force: true });
  }
}

/** Copies a tree with its times and links, sharing blocks where the file system can. `to` exists. */
export async function copyTree(from: string, to: string): Promise<void> {
  await execute('/bin/cp', ['-a', '--reflink=auto', '--', `${from}/.`, to], { env: { LC_ALL: 'C' } });
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = await readOwner(join(parent, name, OWNER_FILE));
    // Another machine's folders (a shared volume) are its own business.
    if (owner === null || owner.host !== hostname()) continue;
    if ((await startOf(owner.pid)) !== owner.started) await removeTree(join(parent, name)).catch(() => {});
  }
}

async function readOwner(path: string): Promise<{ host: string; pid: number; started: string | null } | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

/** When a process began, in ticks since boot: with the pid, its identity. null: no such process. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
