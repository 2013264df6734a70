/** The longest of the prefixes that a path begins with, such as the innermost of the folders that it lies in; undefined: none. */
export const longestPrefix = (prefixes: readonly string[], path: string): string | undefined =>
  prefixes.filter((each) => path.startsWith(each)).sort((a, b) => b.length - a.length)[0];
