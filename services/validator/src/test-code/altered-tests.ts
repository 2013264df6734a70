import { textOf } from '../check.ts';
import { readTestSource } from './declared-tests.ts';
import { isTestFile } from './test-source.ts';

/** A file before and after a change; null where it does not exist. */
export interface FileVersions {
  readonly path: string;
  readonly before: Buffer | null;
  readonly after: Buffer | null;
}

/** Set-up that may reach beyond the new tests that it came with: mocks, hooks, values put into other modules. */
const REACHES =
  /mock|patch|stub|spy|sinon|fixture|autouse|\b(?:before|after|setup|teardown)\w*\b|TestMain|func init\b|\bsys\.|\bprocess\.|\bglobal|\bos\.environ|\bos\.Setenv|\bsetattr\b|\bprototype\b|^(?:from\s+\S+\s+)?import\s+\*|^[\w.[\]'"]+\.\w+\s*=(?!=|>)/i;

/**
 * Files of tests in which a change does more than add tests: existing tests were touched, or what they share. Only then
 * can a test that passes pass because it was rewritten.
 */
export const alteredTestFiles = (files: readonly FileVersions[]): string[] =>
  files.filter((file) => isTestFile(file.path) && alters(file)).map((file) => file.path);

function alters({ path, before, after }: FileVersions): boolean {
  if (after === null) return true;
  const now = readTestSource(path, textOf(after) ?? '');
  const old = before === null ? null : readTestSource(path, textOf(before) ?? '');
  // Data of tests, or a language that is not read: a new file alters nothing, another content may.
  if (now === null || (before !== null && old === null)) return before !== null;
  // A new file without tests is there for others: it may stand in for what they import.
  if (old === null && now.tests.length === 0) return true;
  const texts = new Map(now.tests.map((test) => [test.name, test.text]));
  if (old?.tests.some((test) => texts.get(test.name) !== test.text)) return true;
  const left = countLines(old?.rest ?? []);
  const added = now.rest.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
  return [...left.values()].some((count) => count > 0) || added.some((line) => REACHES.test(line.slice(0, 1_000)));
}

function countLines(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
