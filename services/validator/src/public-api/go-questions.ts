import { goModule } from '../go-module.ts';
import { longestPrefix } from '../longest-prefix.ts';
import { type ApiQuestion, isAside, type Versions } from './api-question.ts';

const MAX_MODULES = 10;
/** Packages that others cannot import. */
const HIDDEN = /(^|\/)(internal|vendor|testdata|_[^/]*)\//;

/** The Go modules of which a change touches a package that others can import. */
export async function goQuestions({ before, after, changed }: Versions): Promise<readonly ApiQuestion[]> {
  const sources = changed.filter(
    (path) => path.endsWith('.go') && !path.endsWith('_test.go') && !HIDDEN.test(path) && !isAside(path),
  );
  const texts = new Map([...(await before.read(sources)), ...(await after.read(sources))]);
  const libraries = sources.filter((path) => !/^package main\b/m.test(texts.get(path) ?? ''));
  const manifests = before.paths.filter((path) => /(^|\/)go\.mod$/.test(path) && !isAside(path));
  const folderOf = (path: string) => path.slice(0, -'go.mod'.length);
  const folders = manifests.map(folderOf);
  const owners = new Set(libraries.map((path) => longestPrefix(folders, path)));
  const wanted = manifests.filter((path) => owners.has(folderOf(path))).slice(0, MAX_MODULES);
  const read = await before.read(wanted);
  return wanted.flatMap((path): ApiQuestion[] => {
    const name = goModule(read.get(path));
    return name === undefined
      ? []
      : [
          {
            name,
            tool: 'apidiff',
            argv: ['node', '{kit}/go-api.mjs', '{cache}/apidiff/apidiff', name, folderOf(path) || '.'],
          },
        ];
  });
}
