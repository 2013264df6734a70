import picomatch from 'picomatch';
import type { AppliesWhen } from './rule.ts';

/** The files of a commit, read on demand. */
export interface ProjectFiles {
  readonly paths: readonly string[];
  /** Contents as text; what is missing, too large or no file is not in the map. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const MAX_READ = 200;
const MAX_CHARACTERS = 256 * 1024;

/** The file whose name and text show that a rule is about this project; null: none does. */
export async function signOf(appliesWhen: AppliesWhen, project: ProjectFiles): Promise<string | null> {
  for (const { files, contains } of appliesWhen) {
    const matches = picomatch([...files], { dot: true });
    const named = project.paths.filter((path) => matches(path));
    if (contains === undefined) {
      if (named[0] !== undefined) return named[0];
      continue;
    }
    const pattern = new RegExp(contains, 'mu');
    const nearest = named.sort((a, b) => a.split('/').length - b.split('/').length).slice(0, MAX_READ);
    for (const [path, text] of await project.read(nearest))
      if (pattern.test(text.slice(0, MAX_CHARACTERS))) return path;
  }
  return null;
}
