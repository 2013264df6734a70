import type { Part } from './dependents.ts';
import type { Project } from './detector.ts';

export interface GradleProject extends Part {
  /** As tasks name it, such as :apps:web. */
  readonly path: string;
}

const MAX_SCRIPTS = 200;
export const BUILD_SCRIPT = /\.gradle(\.kts)?$/;

/**
 * The projects that the settings include by name; null: who needs whom cannot be told, as where settings are computed,
 * builds are included, or what all projects share names one of them.
 */
export function gradleProjects({ files, read }: Pick<Project, 'files' | 'read'>): GradleProject[] | null {
  const settings = read('settings.gradle') ?? read('settings.gradle.kts') ?? '';
  if (/\bincludeBuild\b|\bincludeFlat\b|\bprojectDir\b|\binclude\b(?!\s*\(?\s*["'])/.test(settings)) return null;
  const scripts = [...files].filter((file) => BUILD_SCRIPT.test(file));
  if (scripts.length > MAX_SCRIPTS) return null;
  const paths = [...settings.matchAll(/\binclude\b\s*\(?((?:\s*["'][^"'\n]+["']\s*,?)+)/g)]
    .flatMap((match) => [...(match[1] as string).matchAll(/["']([^"']+)["']/g)])
    .map((match) => `:${(match[1] as string).replace(/^:/, '')}`);
  const folderOf = (path: string) => path.slice(1).replaceAll(':', '/');
  const own = (folder: string) => scripts.filter((file) => file.slice(0, file.lastIndexOf('/')) === folder);
  const projects = [...new Set(paths)].map((path): GradleProject => {
    const folder = folderOf(path);
    const texts = own(folder).map((file) => read(file) ?? '');
    return { path, folder, uses: (other) => texts.some((text) => names(text, other.path)) };
  });
  const ofProjects = new Set([
    ...projects.flatMap(({ folder }) => own(folder)),
    'settings.gradle',
    'settings.gradle.kts',
  ]);
  const shared = scripts.filter((file) => !ofProjects.has(file)).map((file) => read(file) ?? '');
  return projects.some((each) => shared.some((text) => names(text, each.path))) ? null : projects;
}

/** By its path, or by the accessor that Gradle makes of it: `projects.apps.webShop` for :apps:web-shop. */
function names(text: string, path: string): boolean {
  const accessor = path
    .slice(1)
    .split(':')
    .map((part) => part.replace(/[-_.]+(\w)/g, (_whole, letter: string) => letter.toUpperCase()))
    .join('.');
  return (
    [`'${path}'`, `"${path}"`].some((quoted) => text.includes(quoted)) ||
    new RegExp(`\\bprojects\\.${accessor.replaceAll('.', '\\.')}(?![\\w])`).test(text)
  );
}
