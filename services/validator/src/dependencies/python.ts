import { parse as parseToml } from 'smol-toml';
import { baseName, type Declared, type Ecosystem, type Locked, list, section } from './ecosystem.ts';

/** requirements files, pyproject.toml, Pipfile; poetry.lock, uv.lock, pdm.lock and Pipfile.lock. */
export const python: Ecosystem = {
  id: 'python',
  isManifest: (path) => /^(pyproject\.toml|Pipfile|(.*[-_.])?requirements([-_.].*)?\.(txt|in))$/i.test(baseName(path)),
  isLockfile: (path) => ['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock'].includes(baseName(path)),
  declared: (path, text) => {
    if (/\.(txt|in)$/i.test(path)) return text.split('\n').flatMap(requirement);
    const file = section(parseToml(text));
    return path.endsWith('Pipfile') ? [...table(file.packages), ...table(file['dev-packages'])] : pyproject(file);
  },
  locked: (path, text) => (path.endsWith('Pipfile.lock') ? pipfileLock(text) : tomlLock(text)),
  repositories: (_path, text) => [
    ...[...text.matchAll(/^\s{0,20}(?:--(?:extra-)?index-url|-i|--find-links|-f)[\s=]{1,5}(\S{1,500})/gm)].map(
      (match) => match[1] as string,
    ),
    ...[
      ...text.matchAll(
        /^\[\[(?:tool\.(?:poetry\.source|uv\.index|pdm\.source)|source)\]\][^[]{0,500}?\burl\s*=\s*["']([^"']{1,500})["']/gm,
      ),
    ].map((match) => match[1] as string),
  ],
  fits: (declared, locked) => locked.has(normal(declared.name)) || declared.name === 'python',
};

/** Names are equal whatever their case and separators. */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

function requirement(line: unknown): Declared[] {
  const text = String(line)
    .replace(/(^|\s)#.*$/, '')
    .trim();
  if (/^(-e\s|--editable)/.test(text)) return /:\/\//.test(text) ? [{ name: text, version: '', source: text }] : [];
  const match = /^([A-Za-z0-9][\w.-]{0,200})\s*(?:\[[^\]]{0,200}\])?\s*(@\s*\S+)?([^;]{0,200})/.exec(text);
  if (match === null) return [];
  const source = match[2]?.replace(/^@\s*/, '') ?? (/^(?:git\+|https?:)/.test(text) ? text : undefined);
  return [
    { name: normal(match[1] as string), version: (match[3] ?? '').trim(), ...(source === undefined ? {} : { source }) },
  ];
}

function pyproject(file: Readonly<Record<string, unknown>>): Declared[] {
  const project = section(file.project);
  const poetry = section(section(file.tool).poetry);
  return [
    ...list(project.dependencies).flatMap(requirement),
    ...Object.values(section(project['optional-dependencies'])).flatMap((group) => list(group).flatMap(requirement)),
    ...Object.values(section(file['dependency-groups'])).flatMap((group) =>
      list(group)
        .filter((each) => typeof each === 'string')
        .flatMap(requirement),
    ),
    ...list(section(file['build-system']).requires).flatMap(requirement),
    ...table(poetry.dependencies),
    ...table(poetry['dev-dependencies']),
    ...Object.values(section(poetry.group)).flatMap((group) => table(section(group).dependencies)),
  ];
}

const table = (value: unknown): Declared[] =>
  Object.entries(section(value)).map(([name, entry]) => {
    const { git, url, path, version } = section(entry);
    const source = [git, url, path].find((each) => typeof each === 'string') as string | undefined;
    return {
      name: normal(name),
      version: typeof entry === 'string' ? entry : String(version ?? ''),
      ...(source === undefined ? {} : { source }),
    };
  });

function tomlLock(text: string): Locked[] {
  return list(section(parseToml(text)).package).map((value) => {
    const entry = section(value);
    const source = section(entry.source);
    const files = [
      ...list(entry.wheels),
      ...list(entry.files),
      ...(entry.sdist === undefined ? [] : [entry.sdist]),
    ].map(section);
    const url = [files[0]?.url, source.registry, source.git, source.url].find((each) => typeof each === 'string') as
      | string
      | undefined;
    return {
      name: normal(String(entry.name)),
      version: String(entry.version ?? ''),
      url: url ?? null,
      local: ['editable', 'virtual', 'directory', 'path'].some((key) => key in source),
      integrity:
        files.length === 0
          ? null
          : files.every((file) => typeof file.hash === 'string')
            ? String(files[0]?.hash)
            : null,
    };
  });
}

function pipfileLock(text: string): Locked[] {
  const lock = section(JSON.parse(text));
  return ['default', 'develop'].flatMap((group) =>
    Object.entries(section(lock[group])).map(([name, value]) => ({
      name: normal(name),
      version: String(section(value).version ?? ''),
      url: typeof section(value).git === 'string' ? String(section(value).git) : null,
      integrity: list(section(value).hashes).length > 0 ? String(list(section(value).hashes)[0]) : null,
    })),
  );
}
