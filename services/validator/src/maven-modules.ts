import { join, normalize } from 'node:path/posix';
import { XMLParser } from 'fast-xml-parser';
import type { Part } from './dependents.ts';
import type { Project } from './detector.ts';

export interface MavenModule extends Part {
  readonly artifactId: string;
}

const MAX_MODULES = 200;
const xml = new XMLParser({ processEntities: false, parseTagValue: false });

/**
 * The modules that the root pom builds without any profile, itself included; null: they cannot be told, as where a pom
 * cannot be read. A name of an artefact counts wherever it stands, whatever its group: rather one module too many is run.
 */
export function mavenModules({ read }: Pick<Project, 'read'>): MavenModule[] | null {
  const modules: MavenModule[] = [];
  const folders = [''];
  for (const folder of folders) {
    const pom = readPom(read(join(folder, 'pom.xml')));
    if (pom === null || folders.length > MAX_MODULES) return null;
    const { artifactId, mentions, children } = pom;
    modules.push({ folder, artifactId, uses: (other) => mentions.some((name) => couldBe(name, other.artifactId)) });
    for (const child of children) {
      const below = normalize(join(folder, child.replace(/\/pom\.xml$/, '')));
      if (!folders.includes(below)) folders.push(below);
    }
  }
  return modules;
}

interface Pom {
  readonly artifactId: string;
  /** Names of dependencies, plugins and the parent, those of profiles included. */
  readonly mentions: readonly string[];
  readonly children: readonly string[];
}

type Tree = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

function readPom(text: string | undefined): Pom | null {
  try {
    const project = xml.parse(text ?? '').project as Tree;
    if (typeof project.artifactId !== 'string') return null;
    const children = list((project.modules as Tree | undefined)?.module).map(String);
    const { artifactId, ...rest } = project;
    return { artifactId, children, mentions: [...new Set(namesIn('project', rest))] };
  } catch {
    return null;
  }
}

/** What a pom only manages is used by nobody yet, but for what it imports. */
function namesIn(key: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(key, each));
  if (typeof value !== 'object' || value === null) return key === 'artifactId' ? [String(value)] : [];
  const parts = key === 'dependencyManagement' ? { dependency: imported(value as Tree) } : value;
  return Object.entries(parts).flatMap(([name, inner]) => namesIn(name, inner));
}

const imported = (managed: Tree): unknown[] =>
  list((managed.dependencies as Tree | undefined)?.dependency).filter((each) => (each as Tree).scope === 'import');

/** Names may hold properties, whose values only Maven knows. */
function couldBe(one: string, other: string): boolean {
  if (one === other) return true;
  const pattern = (name: string) =>
    new RegExp(
      `^${name
        .split(/\$\{[^}]*\}/)
        .map((part) => part.replace(/[^\w-]/g, '\\$&'))
        .join('.*')}$`,
    );
  return (one.includes('${') && pattern(one).test(other)) || (other.includes('${') && pattern(other).test(one));
}
