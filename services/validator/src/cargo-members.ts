import { join, normalize } from 'node:path/posix';
import picomatch from 'picomatch';
import { parse } from 'smol-toml';
import { list, section } from './dependencies/ecosystem.ts';
import type { Part } from './dependents.ts';
import type { Project } from './detector.ts';

export interface CargoMember extends Part {
  readonly name: string;
}

export const MAX_CARGO_MANIFESTS = 200;
const TABLES = ['dependencies', 'dev-dependencies', 'build-dependencies'];
type Table = Readonly<Record<string, unknown>>;

/** The packages of a workspace, its root's own included; null: they cannot be told, as where a manifest is unreadable. */
export function cargoMembers({ files, read }: Pick<Project, 'files' | 'read'>): CargoMember[] | null {
  const manifests = [...files].filter((path) => /(^|\/)Cargo\.toml$/.test(path));
  if (manifests.length > MAX_CARGO_MANIFESTS) return null;
  try {
    const root = section(parse(read('Cargo.toml') ?? ''));
    const workspace = section(root.workspace);
    const matches = (globs: unknown) => {
      const patterns = list(globs).map((glob) => normalize(String(glob)).replace(/\/$/, ''));
      return patterns.length === 0 ? () => false : picomatch(patterns);
    };
    const [isMember, isExcluded] = [matches(workspace.members), matches(workspace.exclude)];
    const folders = manifests
      .map((path) => path.slice(0, -'/Cargo.toml'.length))
      .filter((folder) => folder === '' || (isMember(folder) && !isExcluded(folder)));
    const members: CargoMember[] = [];
    for (const folder of folders) {
      const manifest = folder === '' ? root : section(parse(read(`${folder}/Cargo.toml`) ?? ''));
      const needs = dependenciesOf(manifest, folder, section(workspace.dependencies));
      const name = section(manifest.package).name;
      if (typeof name === 'string')
        members.push({ name, folder, uses: (other) => needs.some((each) => isMeant(each, other)) });
      // What a member needs by its path, below the root, is a member too.
      for (const { path } of needs)
        if (path !== null && files.has(`${path}/Cargo.toml`) && !folders.includes(path) && !isExcluded(path))
          folders.push(path);
    }
    return members;
  } catch {
    return null;
  }
}

interface Need {
  readonly name: string;
  /** Folder relative to the root; null: it is named without one. */
  readonly path: string | null;
}

const isMeant = ({ name, path }: Need, member: CargoMember): boolean =>
  path === member.folder || (path === null && name === member.name);

function dependenciesOf(manifest: Table, folder: string, shared: Table): Need[] {
  const holders = [manifest, ...Object.values(section(manifest.target)).map(section)];
  return holders
    .flatMap((holder) => TABLES.flatMap((table) => Object.entries(section(holder[table]))))
    .map(([key, value]) => {
      const inherited = section(value).workspace === true;
      const entry = section(inherited ? shared[key] : value);
      return {
        name: typeof entry.package === 'string' ? entry.package : key,
        path: typeof entry.path === 'string' ? normalize(join(inherited ? '' : folder, entry.path)) : null,
      };
    });
}
