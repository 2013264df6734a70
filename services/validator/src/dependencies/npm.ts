import { parseSyml } from '@yarnpkg/parsers';
import { parse as parseYaml } from 'yaml';
import { baseName, type Declared, type Ecosystem, type Locked, section } from './ecosystem.ts';

const SECTIONS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
];
const ADDRESS = /^(git[+:]|git@|https?:|file:|link:|github:|gitlab:|bitbucket:)|^[\w.-]+\/[\w.-]+(#|$)/;

/** npm, pnpm, Yarn and Bun. */
export const npm: Ecosystem = {
  id: 'npm',
  isManifest: (path) => baseName(path) === 'package.json',
  isLockfile: (path) =>
    ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'].includes(baseName(path)),
  declared(_path, text) {
    const manifest = section(JSON.parse(text));
    const all = {
      ...manifest,
      overrides: { ...section(manifest.overrides), ...section(section(manifest.pnpm).overrides) },
    };
    return SECTIONS.flatMap((name) =>
      Object.entries(section(section(all)[name])).flatMap(([dependency, version]): Declared[] => {
        if (typeof version !== 'string' || /^(workspace|catalog):/.test(version)) return [];
        return [{ name: dependency, version, ...(ADDRESS.test(version) ? { source: version } : {}) }];
      }),
    );
  },
  locked: (path, text) => {
    if (path.endsWith('.lock')) return baseName(path) === 'bun.lock' ? bunLock(text) : yarnLock(text);
    return path.endsWith('.yaml') ? pnpmLock(text) : packageLock(text);
  },
};

function packageLock(text: string): Locked[] {
  const lock = section(JSON.parse(text));
  const packages = Object.entries(section(lock.packages)).filter(([place]) => place !== '');
  // Version 1 has nested `dependencies` instead.
  const entries = packages.length > 0 ? packages : nested(section(lock.dependencies));
  return entries.map(([place, value]) => {
    const entry = section(value);
    const resolved = typeof entry.resolved === 'string' ? entry.resolved : null;
    const local = entry.link === true || !/(^|\/)node_modules\//.test(place) ? packages.length > 0 : false;
    return {
      name:
        typeof entry.name === 'string'
          ? entry.name
          : place.slice(place.lastIndexOf('node_modules/') + (place.includes('node_modules/') ? 13 : 1)),
      version: String(entry.version ?? ''),
      url: resolved,
      local,
      integrity: typeof entry.integrity === 'string' ? entry.integrity : null,
    };
  });
}

function nested(dependencies: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(dependencies).flatMap(([name, value]): [string, unknown][] => [
    [`node_modules/${name}`, value],
    ...nested(section(section(value).dependencies)),
  ]);
}

function pnpmLock(text: string): Locked[] {
  const lock = section(parseYaml(text, { maxAliasCount: 100 }));
  return Object.entries(section(lock.packages)).map(([key, value]) => {
    const resolution = section(section(value).resolution);
    const plain = key.replace(/^\//, '').replace(/\(.*$/, '');
    const at = plain.lastIndexOf('@');
    return {
      name: at > 0 ? plain.slice(0, at) : plain,
      version: at > 0 ? plain.slice(at + 1) : '',
      url:
        typeof resolution.tarball === 'string'
          ? resolution.tarball
          : typeof resolution.repo === 'string'
            ? resolution.repo
            : null,
      integrity: typeof resolution.integrity === 'string' ? resolution.integrity : null,
      local: typeof resolution.directory === 'string',
    };
  });
}

/** Yarn 1 and later. */
function yarnLock(text: string): Locked[] {
  return Object.entries(parseSyml(text) as Record<string, unknown>).flatMap(([key, value]): Locked[] => {
    if (key === '__metadata') return [];
    const entry = section(value);
    const first = (key.split(',')[0] ?? '').trim();
    const resolution = typeof entry.resolution === 'string' ? entry.resolution : '';
    const url =
      typeof entry.resolved === 'string'
        ? entry.resolved
        : (/@(?!npm:)[a-z+]+:.*$/.exec(resolution)?.[0].slice(1) ?? null);
    return [
      {
        name: first.slice(0, first.indexOf('@', 1)),
        version: String(entry.version ?? ''),
        url,
        local: /@(workspace|link|portal|patch):/.test(resolution),
        integrity: String(entry.integrity ?? entry.checksum ?? '') || null,
      },
    ];
  });
}

/** JSON with trailing commas: YAML reads it. */
function bunLock(text: string): Locked[] {
  const lock = section(parseYaml(text, { maxAliasCount: 100 }));
  return Object.values(section(lock.packages)).flatMap((value): Locked[] => {
    if (!Array.isArray(value) || typeof value[0] !== 'string') return [];
    const at = value[0].lastIndexOf('@');
    const integrity = value.findLast((part) => typeof part === 'string' && /^sha\d+-/.test(part));
    return [
      {
        name: value[0].slice(0, at),
        version: value[0].slice(at + 1),
        url: typeof value[1] === 'string' && /^https?:/.test(value[1]) ? value[1] : null,
        integrity: typeof integrity === 'string' ? integrity : null,
        local: /@(workspace|link|file):/.test(value[0]),
      },
    ];
  });
}
