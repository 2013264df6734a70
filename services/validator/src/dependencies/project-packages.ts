import { dirname } from 'node:path/posix';
import type { Declared, Ecosystem, Locked } from './ecosystem.ts';

/** The manifests and lockfiles of one ecosystem at one commit, by path. */
export type Texts = ReadonlyMap<string, string>;

/** What a project asks for and what it is fixed to. */
export interface ProjectPackages {
  readonly declared: ReadonlyMap<string, readonly Declared[]>;
  readonly locked: ReadonlyMap<string, readonly Locked[]>;
  readonly hosts: ReadonlySet<string>;
  readonly repositories: ReadonlyMap<string, readonly string[]>;
  /** Files that cannot be read, so that nothing is known of them. */
  readonly unreadable: readonly string[];
}

export function readPackages(ecosystem: Ecosystem, texts: Texts): ProjectPackages {
  const declared = new Map<string, readonly Declared[]>();
  const locked = new Map<string, readonly Locked[]>();
  const repositories = new Map<string, readonly string[]>();
  const unreadable: string[] = [];
  for (const [path, text] of texts) {
    try {
      if (ecosystem.isLockfile(path)) locked.set(path, ecosystem.locked(path, text));
      else declared.set(path, ecosystem.declared(path, text));
    } catch {
      unreadable.push(path);
    }
    repositories.set(path, ecosystem.repositories?.(path, text) ?? []);
  }
  const urls = [...[...locked.values()].flat().map((entry) => entry.url), ...[...repositories.values()].flat()];
  return {
    declared,
    locked,
    repositories,
    unreadable,
    hosts: new Set(urls.map(hostOf).filter((host) => host !== null)),
  };
}

/** The lockfile that belongs to a manifest: that of its folder, or of the nearest one above. */
export function lockfileOf(ecosystem: Ecosystem, manifest: string, paths: Iterable<string>): string | null {
  const lockfiles = [...paths].filter((path) => ecosystem.isLockfile(path));
  for (let folder = dirname(manifest); ; folder = dirname(folder)) {
    const found = lockfiles.find((path) => dirname(path) === folder);
    if (found !== undefined || folder === '.') return found ?? null;
  }
}

/** Host of an address; null for what is none, such as a path. */
export function hostOf(address: string | null): string | null {
  if (address === null) return null;
  const plain = address.replace(/^git\+/, '').replace(/^git@([^:/]+):/, 'ssh://git@$1/');
  try {
    return new URL(plain).host.toLowerCase() || null;
  } catch {
    return null;
  }
}

/** Anyone on the way could exchange the package. */
export const isInsecure = (address: string): boolean => /^(git\+)?(http|git|ftp):\/\//i.test(address);

/** The line that names it, an added one first; undefined where none does. */
export function lineNaming(text: string, before: string | null, name: string): number | undefined {
  const old = new Set((before ?? '').split('\n'));
  const lines = text.split('\n');
  for (const part of [name, name.slice(name.lastIndexOf(':') + 1)]) {
    const has = namePattern(part);
    for (const isWanted of [(line: string) => !old.has(line), () => true]) {
      const index = lines.findIndex((line) => isWanted(line) && has.test(line));
      if (index >= 0) return index + 1;
    }
  }
  return undefined;
}

/** A whole word; hyphens and underscores are one, as Python has it. An empty name is in every line. */
function namePattern(name: string): RegExp {
  if (name === '') return /^/;
  const text = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[-_]/g, '[-_]');
  return new RegExp(`(?<![\\w-])${text}(?![\\w-])`, 'i');
}
