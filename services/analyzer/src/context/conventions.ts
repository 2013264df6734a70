/** Files that say how this repository is built and written; shown to every task, so each is capped. */
export const MAX_CONVENTION_TOKENS = 1_500;

const AT_ROOT = [
  /^AGENTS\.md$/i,
  /^CLAUDE\.md$/i,
  /^CONTRIBUTING(\.\w+)?$/i,
  /^README(\.\w+)?$/i,
  /^package\.json$/,
  /^pom\.xml$/,
  /^(build|settings)\.gradle(\.kts)?$/,
  /^gradle\.properties$/,
  /^Cargo\.toml$/,
  /^go\.mod$/,
  /^pyproject\.toml$/,
  /^setup\.(cfg|py)$/,
  /^requirements\.txt$/,
  /^Makefile$/,
  /^tsconfig\.json$/,
  /^composer\.json$/,
  /^Gemfile$/,
  /^[\w.-]+\.(sln|csproj)$/,
  /^\.editorconfig$/,
];

/** Paths of the conventions files, most telling first. `paths`: the whole tree. */
export function conventionFiles(paths: readonly string[]): string[] {
  const root = paths.filter((path) => !path.includes('/') || /^(?:\.github|docs)\/CONTRIBUTING\.md$/i.test(path));
  return AT_ROOT.flatMap((pattern) => root.filter((path) => pattern.test(path.slice(path.lastIndexOf('/') + 1))));
}
