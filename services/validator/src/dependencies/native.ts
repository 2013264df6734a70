import { parse as parseToml } from 'smol-toml';
import { baseName, type Declared, type Ecosystem, list, section } from './ecosystem.ts';

const TABLES = ['dependencies', 'dev-dependencies', 'build-dependencies'];

/** Cargo.toml and Cargo.lock. */
export const cargo: Ecosystem = {
  id: 'cargo',
  isManifest: (path) => baseName(path) === 'Cargo.toml',
  isLockfile: (path) => baseName(path) === 'Cargo.lock',
  declared: (_path, text) => {
    const file = section(parseToml(text));
    const holders = [file, section(file.workspace), ...Object.values(section(file.target)).map(section)];
    const tables = [
      ...holders.flatMap((holder) => TABLES.map((name) => holder[name])),
      ...Object.values(section(file.patch)),
    ];
    return tables.flatMap((table) => Object.entries(section(table)).flatMap(([name, value]) => crate(name, value)));
  },
  locked: (_path, text) =>
    list(section(parseToml(text)).package).map((value) => {
      const entry = section(value);
      const source = typeof entry.source === 'string' ? entry.source : null;
      return {
        name: String(entry.name),
        version: String(entry.version),
        url: source?.replace(/^(registry|sparse|git)\+/, '') ?? null,
        local: source === null,
        integrity: source?.startsWith('git+') ? 'git' : typeof entry.checksum === 'string' ? entry.checksum : null,
      };
    }),
};

function crate(name: string, value: unknown): Declared[] {
  const entry = section(value);
  if (typeof entry.path === 'string' || entry.workspace === true) return [];
  const source =
    typeof entry.git === 'string' ? entry.git : typeof entry.registry === 'string' ? entry.registry : undefined;
  return [
    {
      name: typeof entry.package === 'string' ? entry.package : name,
      version: typeof value === 'string' ? value : String(entry.version ?? ''),
      ...(source === undefined ? {} : { source }),
    },
  ];
}

/** go.mod and go.sum. */
export const go: Ecosystem = {
  id: 'go',
  isManifest: (path) => baseName(path) === 'go.mod',
  isLockfile: (path) => baseName(path) === 'go.sum',
  declared(_path, text) {
    const plain = text.replace(/\/\/[^\n]*/g, '');
    const required = [
      ...plain.matchAll(/^(?:require\s+|\s+)([\w./~-]{1,300}\.[\w./~-]{1,300})\s+(v[\w.+-]{1,100})\s*$/gm),
    ].map((match): Declared => ({ name: match[1] as string, version: match[2] as string }));
    const replaced = [
      ...plain.matchAll(
        /^(?:replace\s+|\s+)([\w./~-]{1,300})(?:\s+v\S{1,100})?\s*=>\s*(\S{1,300})(?:\s+(v\S{1,100}))?/gm,
      ),
    ].map((match): Declared => ({ name: match[1] as string, version: match[3] ?? '', source: `=> ${match[2]}` }));
    return [...required, ...replaced];
  },
  locked: (_path, text) =>
    [...text.matchAll(/^(\S{1,300}) (v[^\s/]{1,100})(?:\/go\.mod)? (h1:\S{1,100})$/gm)].map((match) => ({
      name: match[1] as string,
      version: match[2] as string,
      url: null,
    })),
  fits: (declared, locked) =>
    declared.source !== undefined ||
    (locked.get(declared.name)?.some(({ version }) => version === declared.version) ?? false),
};

/** .NET project files and central package versions. */
export const nuget: Ecosystem = {
  id: 'nuget',
  isManifest: (path) => /\.(cs|fs|vb)proj$|^Directory\.(Packages|Build)\.props$/.test(baseName(path)),
  isLockfile: (path) => baseName(path) === 'packages.lock.json',
  declared: (_path, text) =>
    [...text.matchAll(/<Package(?:Reference|Version)\s([^>]{1,500})>/g)].flatMap((match): Declared[] => {
      const attribute = (name: string) =>
        new RegExp(`\\b${name}\\s*=\\s*"([^"]{1,200})"`).exec(match[1] as string)?.[1];
      const name = attribute('Include') ?? attribute('Update');
      return name === undefined ? [] : [{ name, version: attribute('Version') ?? '' }];
    }),
  locked: (_path, text) =>
    Object.values(section(section(JSON.parse(text)).dependencies)).flatMap((framework) =>
      Object.entries(section(framework)).map(([name, value]) => ({
        name,
        version: String(section(value).resolved ?? ''),
        url: null,
        local: section(value).type === 'Project',
        integrity: typeof section(value).contentHash === 'string' ? String(section(value).contentHash) : null,
      })),
    ),
};
