import { type ApiQuestion, isAside, type Versions } from './api-question.ts';

const MAX_PACKAGES = 10;

/** The importable packages of installable Python projects that a change touches. */
export function pythonQuestions({ before, changed }: Versions): readonly ApiQuestion[] {
  const files = new Set(before.paths);
  const projects = before.paths
    .filter((path) => /(^|\/)(pyproject\.toml|setup\.py|setup\.cfg)$/.test(path) && !isAside(path))
    .map((path) => path.slice(0, path.lastIndexOf('/') + 1));
  const searched = [...new Set(projects)].flatMap((folder) => [`${folder}src/`, folder]);
  const touched = new Map<string, ApiQuestion>();
  for (const path of changed.filter((each) => /\.pyi?$/.test(each) && !isAside(each))) {
    const root = searched.find((folder) => path.startsWith(folder) && isPackage(files, folder, path));
    if (root === undefined) continue;
    const name = path.slice(root.length).split('/')[0] as string;
    touched.set(root + name, {
      name,
      tool: 'griffe',
      argv: ['{cache}/griffe/bin/python', '-I', '{kit}/python-api.py', name, root || '.'],
    });
  }
  return [...touched.values()].slice(0, MAX_PACKAGES);
}

function isPackage(files: ReadonlySet<string>, folder: string, path: string): boolean {
  const [name, ...rest] = path.slice(folder.length).split('/');
  return rest.length > 0 && name !== 'src' && !name?.startsWith('_') && files.has(`${folder}${name}/__init__.py`);
}
