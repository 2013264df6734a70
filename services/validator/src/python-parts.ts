import { parse } from 'smol-toml';
import { attempt, section } from './dependencies/ecosystem.ts';
import { type Part, withDependents } from './dependents.ts';
import type { Project } from './detector.ts';
import { longestPrefix } from './longest-prefix.ts';

/** What is installed and tested for the task's module. */
export interface PythonParts {
  /** Folders of projects: the module, and those that need it. */
  readonly projects: readonly string[];
  /** Folders and files with their tests, and with those of the root's own project. */
  readonly tests: readonly string[];
}

interface PythonProject extends Part {
  /** null: it cannot be told. */
  readonly name: string | null;
}

const MAX_MANIFESTS = 100;
const MAX_TESTS = 40;
const MANIFEST = /(^|\/)(pyproject\.toml|setup\.(py|cfg)|[\w.-]*requirements[\w.-]*\.txt)$/;

/** Manifests in folders, which tell who needs whom. */
export const isPartManifest = (path: string): boolean => MANIFEST.test(path) && path.includes('/');

/**
 * Only a project within the repository can be tested apart, with those whose manifests name it and with the tests that
 * belong to no such project: a module of Python is used without any manifest saying so. null: the whole is tested.
 */
export function pythonParts(project: Project, folder: string, tests: readonly string[]): PythonParts | null {
  const { files, read } = project;
  const manifests = [...files].filter(isPartManifest);
  const folders = [...new Set(manifests.filter((path) => /(pyproject\.toml|setup\.py)$/.test(path)).map(folderOf))];
  if (manifests.length > MAX_MANIFESTS || !folders.includes(folder)) return null;
  // A project below another one belongs to it: each file to the longest.
  const prefixes = folders.map((each) => `${each}/`);
  const ownerOf = (path: string) => longestPrefix(prefixes, path)?.slice(0, -1);
  const parts = folders.map((each): PythonProject => {
    const texts = manifests.filter((path) => ownerOf(path) === each).map((path) => read(path) ?? '');
    const name = nameOf(read(`${each}/pyproject.toml`)) ?? setupName(read(`${each}/setup.py`));
    return { folder: each, name, uses: (other) => texts.some((text) => mentions(text, other)) };
  });
  const tested = withDependents(folder, parts);
  if (tested.some(({ name }) => name === null) || !tests.some((path) => ownerOf(path) === folder)) return null;
  const projects = tested.map((each) => each.folder);
  const outside = tests.filter((path) => ownerOf(path) === undefined);
  const paths = [
    ...projects.filter((each) => tests.some((path) => ownerOf(path) === each)),
    ...shortest(outside, folders),
  ];
  return paths.length > MAX_TESTS ? null : { projects, tests: paths };
}

/** The folder at the top, where no project lies in it; else the file itself. */
const shortest = (tests: readonly string[], projects: readonly string[]): string[] => [
  ...new Set(
    tests.map((path) => {
      const top = path.slice(0, path.indexOf('/'));
      return path.includes('/') && !projects.some((each) => each.startsWith(`${top}/`) || each === top) ? top : path;
    }),
  ),
];

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function nameOf(text: string | undefined): string | null {
  const file = section(attempt(() => parse(text ?? ''), null));
  const name = section(file.project).name ?? section(section(file.tool).poetry).name;
  return typeof name === 'string' ? name : null;
}

const setupName = (text = ''): string | null => /\bname\s*=\s*["']([\w.-]+)["']/.exec(text)?.[1] ?? null;

/** By its name, in any of the ways that pip takes as equal, or by its folder. */
function mentions(text: string, { name, folder }: PythonProject): boolean {
  const plain = (written: string) => written.toLowerCase().replace(/[-_.]+/g, '-');
  const words = new Set([...text.matchAll(/[\w.-]+/g)].map(([word]) => plain(word)));
  const last = folder.slice(folder.lastIndexOf('/') + 1);
  return (name !== null && words.has(plain(name))) || text.includes(`/${last}`);
}
