import { type ApiQuestion, isAside, type Versions } from './api-question.ts';

const MAX_PACKAGES = 10;

/** The importable packages of installable Python projects that a change touches. */
export async function pythonQuestions({ before, changed }: Versions): Promise<readonly ApiQuestion[]> {
  const sources = changed.filter((each) => /\.pyi?$/.test(each) && !isAside(each));
  if (sources.length === 0) return [];
  const files = new Set(before.paths);
  const manifests = before.paths.filter(
    (path) => /(^|\/)(pyproject\.toml|setup\.py|setup\.cfg)$/.test(path) && !isAside(path),
  );
  const texts = await before.read(manifests);
  const projects = manifests
    .filter((path) => !path.endsWith('.toml') || INSTALLABLE.test(texts.get(path) ?? ''))
    .map((path) => path.slice(0, path.lastIndexOf('/') + 1));
  const searched = [...new Set(projects)].flatMap((folder) => [`${folder}src/`, folder]);
  const touched = new Map<string, ApiQuestion>();
  for (const path of sources) {
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

/** A pyproject.toml may only configure tools: then nobody installs it. */
const INSTALLABLE = /^\s*\[(?:project|build-system|tool\.poetry)\]/m;

function isPackage(files: ReadonlySet<string>, folder: string, path: string): boolean {
  const [name, ...rest] = path.slice(folder.length).split('/');
  return rest.length > 0 && name !== 'src' && !name?.startsWith('_') && files.has(`${folder}${name}/__init__.py`);
}
