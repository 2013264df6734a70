import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';

/**
 * Runners of Java and Go name files without their folders. Finds the file of the repository that is meant, by the words of
 * the test's id (package, class); a name that fits none, or several equally well, is left away.
 */
export function placeTests(tests: readonly TestResult[], files: Iterable<string>): TestResult[] {
  const known = new Set(files);
  let byName: Map<string, string[]> | undefined;
  return tests.map((test) => {
    if (test.file === undefined || known.has(test.file)) return test;
    byName ??= group(known);
    const name = test.file.slice(test.file.lastIndexOf('/') + 1);
    const candidates = (byName.get(name) ?? []).filter((path) => path.endsWith(`/${test.file}`));
    const file = best(candidates, test.id);
    const { file: _file, line: _line, ...rest } = test;
    return file === undefined ? rest : { ...test, file };
  });
}

function best(candidates: readonly string[], id: string): string | undefined {
  const words = new Set(id.split(/[^\w-]+/));
  const ranked = candidates
    .map((path) => ({ path, score: path.split('/').filter((part) => words.has(part)).length }))
    .sort((a, b) => b.score - a.score);
  return ranked.length === 1 || (ranked[0]?.score ?? 0) > (ranked[1]?.score ?? 0) ? ranked[0]?.path : undefined;
}

function group(paths: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    groups.set(name, [...(groups.get(name) ?? []), path]);
  }
  return groups;
}
