import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../packages/testkit/src/git/test-repository.ts';
import { checkPaths } from '../services/analyzer/src/check-paths.ts';
import { type Example, openExample } from './recorded-answers.ts';

const NODE_TEST = [execPath, '--test', '--test-reporter=tap'];
const PROTECTED = '.github/workflows/ci.yml';
const PASSES = { failed: [] as string[] };

/** What each recorded answer comes to, in order: `null` does not apply; otherwise the tests that fail. */
const RECORDED: Record<string, readonly (null | { failed: readonly string[]; protectedPath?: boolean })[]> = {
  slug_001: [PASSES],
  closest_001: [PASSES],
  csv_quotes_001: [{ failed: ['the line ends of Windows are no part of a field'] }, PASSES],
  duration_format_001: [null, PASSES],
  wrap_width_001: [
    { failed: ['an emoji of several code points takes two columns'] },
    { failed: ['letters, digits and signs take one column'] },
    { failed: ['a word longer than the width is not cut'] },
  ],
  template_strict_001: [{ failed: [], protectedPath: true }, PASSES],
  table_markdown_001: [PASSES],
  csv_objects_001: [PASSES],
};

const folder = temporaryFolder();
let example: Example;
beforeAll(async () => {
  example = await openExample('text-kit', folder.path);
});
afterAll(() => folder.remove());

const failedTests = (output: string) => [...output.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map((match) => match[1]);

test('text-kit passes its own tests before any change', async () => {
  expect(await example.run(null, NODE_TEST)).toMatchObject({ exitCode: 0 });
});

describe.each(Object.entries(RECORDED))('%s', (task, recorded) => {
  test('has a specification that fits the repository', async () => {
    const checked = checkPaths(example.specification(task), await example.mirror.listFiles(example.commit), ['.github/**']);
    expect(checked).toMatchObject({ problems: [], dropped: [] });
  });

  test('has answers that come to what the demo shows', async () => {
    const changeSets = await example.changeSets(task);
    expect(changeSets.map((changeSet) => changeSet !== null)).toEqual(recorded.map((result) => result !== null));
    for (const [index, changeSet] of changeSets.entries()) {
      const expected = recorded[index];
      if (!changeSet || !expected) continue;
      const end = await example.run(changeSet, NODE_TEST);
      expect(failedTests(end.output)).toEqual(expected.failed);
      expect(end.exitCode === 0).toBe(expected.failed.length === 0);
      expect(changeSet.files.some((file) => file.path === PROTECTED)).toBe(expected.protectedPath ?? false);
    }
  });

  test('has tests that fail without its change', async () => {
    const last = (await example.changeSets(task)).at(-1) ?? null;
    expect(await example.run(last, NODE_TEST, (path) => path.startsWith('test/'))).not.toMatchObject({ exitCode: 0 });
  });
});
