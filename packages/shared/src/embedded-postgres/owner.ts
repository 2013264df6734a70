import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The user that Postgres runs as. Postgres refuses to run as root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** undefined: this process's own user will do. As root: `postgres` where it exists, otherwise `nobody`. */
export function postgresOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const of = (name: string): Owner => ({ uid: idOf('-u', name), gid: idOf('-g', name) });
  try {
    return of('postgres');
  } catch {
    return of('nobody');
  }
}

function idOf(flag: string, name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** Whether users other than root may pass through every folder above `path`, so that Postgres can reach it. */
export function reachableByOthers(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
