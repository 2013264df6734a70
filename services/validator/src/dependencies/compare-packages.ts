import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import picomatch from 'picomatch';
import type { Declared, Ecosystem, Locked } from './ecosystem.ts';
import {
  hostOf,
  isInsecure,
  lineNaming,
  lockfileOf,
  type ProjectPackages,
  readPackages,
  type Texts,
} from './project-packages.ts';

export interface CompareOptions {
  readonly ecosystem: Ecosystem;
  readonly before: Texts;
  readonly after: Texts;
  readonly policy: OrchestratorConfig['validate']['dependencies'];
}

/** What a change does to the packages of one ecosystem. Pure. */
export function comparePackages({ ecosystem, before, after, policy }: CompareOptions): Finding[] {
  const old = readPackages(ecosystem, before);
  const now = readPackages(ecosystem, after);
  const findings: Finding[] = [];
  const add: Add = (code, severity, file, name, message) => {
    const line = lineNaming(after.get(file) ?? '', before.get(file) ?? null, name);
    if (severity !== 'off')
      findings.push({
        check: 'policy.dependencies',
        code,
        severity,
        message,
        file,
        ...(line === undefined ? {} : { line }),
      });
  };
  const allowed = (name: string) => policy.allow.some((glob) => picomatch.isMatch(name, glob));
  const known = new Set(
    [...[...old.declared.values()].flat(), ...[...old.locked.values()].flat()].map(({ name }) => name),
  );
  for (const path of now.unreadable)
    if (after.get(path) !== before.get(path))
      add(
        'MANIFEST_UNREADABLE',
        'error',
        path,
        '',
        `${path} cannot be read. Write it in the form that its tool takes.`,
      );
  for (const [path, wanted] of now.declared) {
    if (after.get(path) === before.get(path)) continue;
    compareDeclared({ path, wanted, had: old.declared.get(path) ?? [], known, allowed, added: policy.added, add });
    compareWithLockfile({ ecosystem, path, wanted, had: old.declared.get(path) ?? [], now, before, after, add });
  }
  const hosts = new Set([...old.hosts, ...policy.hosts.map((host) => host.toLowerCase())]);
  for (const [path, locked] of now.locked) {
    if (after.get(path) === before.get(path)) continue;
    compareLocked({ path, locked, had: old.locked.get(path) ?? [], hosts, add });
    const manifestChanged = [...after.keys(), ...before.keys()].some(
      (each) => ecosystem.isManifest(each) && after.get(each) !== before.get(each),
    );
    if (!manifestChanged && before.has(path))
      add('LOCKFILE_MISMATCH', 'error', path, '', `${path} was changed though no manifest was. Leave it as it was.`);
  }
  for (const [path, addresses] of now.repositories)
    for (const address of addresses.filter((each) => !(old.repositories.get(path) ?? []).includes(each)))
      compareAddress(path, address, hosts, add);
  return findings;
}

type Add = (code: string, severity: 'error' | 'warning' | 'off', file: string, name: string, message: string) => void;

interface DeclaredOptions {
  readonly path: string;
  readonly wanted: readonly Declared[];
  readonly had: readonly Declared[];
  readonly known: ReadonlySet<string>;
  readonly allowed: (name: string) => boolean;
  readonly added: 'error' | 'warning' | 'off';
  readonly add: Add;
}

function compareDeclared({ path, wanted, had, known, allowed, added, add }: DeclaredOptions): void {
  for (const { name, version, source } of wanted) {
    const same = had.find((each) => each.name === name && each.version === version && each.source === source);
    if (same !== undefined) continue;
    if (source !== undefined) {
      add(
        'DEPENDENCY_SOURCE',
        'error',
        path,
        name,
        `${name} comes from an address of its own (${source}), not from the registry.`,
      );
      continue;
    }
    if (allowed(name)) continue;
    const earlier = had.find((each) => each.name === name);
    if (earlier !== undefined)
      add(
        'DEPENDENCY_CHANGED',
        added,
        path,
        name,
        `${name} was ${earlier.version || 'without a version'} and is now ${version || 'without one'}; leave the version as it was (validate.dependencies).`,
      );
    else if (!known.has(name))
      add(
        'DEPENDENCY_NEW',
        added,
        path,
        name,
        `${name} ${version} is new: the base commit does not have it. Do without it (validate.dependencies).`.replace(
          '  ',
          ' ',
        ),
      );
  }
}

interface LockfileOptions {
  readonly ecosystem: Ecosystem;
  readonly path: string;
  readonly wanted: readonly Declared[];
  readonly had: readonly Declared[];
  readonly now: ProjectPackages;
  readonly before: Texts;
  readonly after: Texts;
  readonly add: Add;
}

/** What the manifest newly asks for has to be in the lockfile, and the lockfile has to be there still. */
function compareWithLockfile({ ecosystem, path, wanted, had, now, before, after, add }: LockfileOptions): void {
  const lockfile = lockfileOf(ecosystem, path, before.keys());
  if (lockfile === null) return;
  if (!after.has(lockfile)) {
    add('LOCKFILE_MISMATCH', 'error', path, '', `${lockfile} was removed. Keep it.`);
    return;
  }
  const text = (each: Declared) => JSON.stringify(each);
  const changed = wanted.filter((each) => !had.some((earlier) => text(earlier) === text(each)));
  const removed = had.filter((each) => !wanted.some((later) => later.name === each.name));
  if ((changed.length > 0 || removed.length > 0) && after.get(lockfile) === before.get(lockfile)) {
    const [first] = [...changed, ...removed];
    add(
      'LOCKFILE_MISMATCH',
      'error',
      path,
      first?.name ?? '',
      `${path} changes ${first?.name}, but ${lockfile} does not. Change both or neither.`,
    );
    return;
  }
  const locked = Map.groupBy(now.locked.get(lockfile) ?? [], (entry) => entry.name);
  for (const each of changed)
    if (!(ecosystem.fits?.(each, locked) ?? locked.has(each.name)))
      add('LOCKFILE_MISMATCH', 'error', path, each.name, `${each.name} ${each.version} is not in ${lockfile}.`);
}

interface LockedOptions {
  readonly path: string;
  readonly locked: readonly Locked[];
  readonly had: readonly Locked[];
  readonly hosts: ReadonlySet<string>;
  readonly add: Add;
}

function compareLocked({ path, locked, had, hosts, add }: LockedOptions): void {
  const before = new Map(had.map((entry) => [`${entry.name}@${entry.version}`, entry]));
  const checksums = had.length === 0 || had.some((entry) => entry.integrity);
  for (const entry of locked) {
    const id = `${entry.name}@${entry.version}`;
    const earlier = before.get(id);
    if (entry.local || (earlier?.url === entry.url && earlier?.integrity === entry.integrity)) continue;
    if (earlier?.integrity && earlier.integrity !== entry.integrity)
      add(
        'DEPENDENCY_REPLACED',
        'error',
        path,
        entry.name,
        `${id} has another checksum than before: it is not the same package.`,
      );
    else if (checksums && entry.integrity === null)
      add('DEPENDENCY_INTEGRITY', 'error', path, entry.name, `${id} has no checksum.`);
    if (entry.url !== null) compareAddress(path, entry.url, hosts, add, entry.name);
  }
}

function compareAddress(path: string, address: string, hosts: ReadonlySet<string>, add: Add, name?: string): void {
  const host = hostOf(address);
  const what = name ?? 'The project';
  if (isInsecure(address))
    add(
      'DEPENDENCY_INSECURE',
      'error',
      path,
      name ?? address,
      `${what} is fetched without encryption, from ${withoutUser(address)}.`,
    );
  if (host !== null && !hosts.has(host))
    add(
      'DEPENDENCY_HOST',
      'error',
      path,
      name ?? address,
      `${what} is fetched from ${host}, which the base commit does not use (validate.dependencies.hosts).`,
    );
}

const withoutUser = (address: string): string => address.replace(/\/\/[^/@\s]*@/, '//').slice(0, 200);
