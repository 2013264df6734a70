import { join } from 'node:path/posix';
import { longestPrefix } from '../longest-prefix.ts';
import { type ApiQuestion, isAside, type Versions } from './api-question.ts';
import { publishedPackage, sourceOfEntry } from './package-entries.ts';

const MAX_PACKAGES = 10;
const SOURCE = /\.[cm]?[jt]sx?$/;

/** The published packages of npm that a change touches, with the sources of their entries. `untold`: without any. */
export async function typescriptQuestions({
  before,
  after,
  changed,
}: Versions): Promise<{ readonly questions: readonly ApiQuestion[]; readonly untold: readonly string[] }> {
  const isManifest = (path: string) => /(^|\/)package\.json$/.test(path) && !isAside(path);
  const folders = before.paths.filter(isManifest).map((path) => path.slice(0, -'package.json'.length));
  const touched = new Set(
    changed
      .filter((path) => (SOURCE.test(path) || isManifest(path)) && !isAside(path))
      .map((path) => longestPrefix(folders, path)),
  );
  const wanted = folders.filter((folder) => touched.has(folder)).slice(0, MAX_PACKAGES);
  const reads = wanted.flatMap((folder) => [`${folder}package.json`, `${folder}tsconfig.json`]);
  const readIn = (version: Versions['before']) => version.read(reads.filter((path) => version.paths.includes(path)));
  const [old, now] = await Promise.all([readIn(before), readIn(after)]);
  const [oldFiles, newFiles] = [new Set(before.paths), new Set(after.paths)];
  const questions: ApiQuestion[] = [];
  const untold: string[] = [];
  for (const folder of wanted) {
    const was = publishedPackage(old.get(`${folder}package.json`));
    if (was === null) continue;
    const is = publishedPackage(now.get(`${folder}package.json`));
    const sourceIn = (file: string | undefined, files: ReadonlySet<string>, texts: ReadonlyMap<string, string>) =>
      file === undefined ? null : sourceOfEntry(folder, file, files, rootDirOf(texts.get(`${folder}tsconfig.json`)));
    const entries = was.entries.flatMap(({ subpath, file }) => {
      const source = sourceIn(file, oldFiles, old);
      const later = is?.entries.find((entry) => entry.subpath === subpath)?.file;
      return source === null ? [] : [{ subpath, old: source, new: sourceIn(later, newFiles, now) }];
    });
    if (entries.length === 0 && was.entries.some(({ file }) => file !== 'index.js')) untold.push(was.name);
    if (entries.length > 0)
      questions.push({
        name: was.name,
        tool: 'typescript',
        argv: [
          'node',
          '{kit}/typescript-api.mjs',
          '{cache}/typescript/lib/typescript.js',
          JSON.stringify({ folder: join(folder, '.'), entries }),
        ],
      });
  }
  return { questions, untold };
}

/** tsconfig.json may hold comments: the one value is looked for by its form. */
const rootDirOf = (text: string | undefined): string | null =>
  /"rootDir"\s*:\s*"(?:\.\/)?([\w./-]+?)\/?"/.exec(text ?? '')?.[1] ?? null;
