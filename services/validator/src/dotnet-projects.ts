import { dirname, join } from 'node:path/posix';
import type { Part } from './dependents.ts';
import type { Project } from './detector.ts';

export const PROJECT = /\.(?:cs|fs|vb)proj$/;
export const INHERITED = /(^|\/)Directory\.Build\.(?:props|targets)$/;

export interface DotnetProject extends Part {
  /** The project file. */
  readonly path: string;
  readonly isTest: boolean;
}

/**
 * The projects with what they refer to by ProjectReference, in their own file or in the properties of a folder above. One
 * that was not read may refer to any.
 */
export function dotnetProjects({ files, read }: Pick<Project, 'files' | 'read'>): DotnetProject[] {
  const inherited = [...files].filter((path) => INHERITED.test(path));
  const paths = [...files].filter((path) => PROJECT.test(path));
  return paths.map((path) => {
    const text = read(path);
    const own = text ?? '';
    const above = inherited.filter((file) => path.startsWith(file.slice(0, file.lastIndexOf('/') + 1)));
    const folder = path.includes('/') ? dirname(path) : '';
    // A path may begin with the folder of the file that names it, as a property: then its name is compared alone.
    const references = [own, ...above.map((file) => read(file) ?? '')].flatMap((text) =>
      [...text.matchAll(/<ProjectReference\s[^>]{0,300}?Include\s*=\s*"([^"]{1,300})"/g)].map((match) =>
        (match[1] as string).replaceAll('\\', '/'),
      ),
    );
    return {
      path,
      folder,
      isTest: /Microsoft\.NET\.Test\.Sdk|IsTestProject/.test(own),
      uses: (other) =>
        text === undefined ||
        references.some((reference) =>
          reference.includes('$(') || above.length > 0
            ? reference.split('/').at(-1) === other.path.split('/').at(-1)
            : join(folder, reference) === other.path,
        ),
    };
  });
}
