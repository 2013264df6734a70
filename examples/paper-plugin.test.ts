import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../packages/testkit/src/git/test-repository.ts';
import { checkPaths } from '../services/analyzer/src/check-paths.ts';
import { type Example, openExample } from './recorded-answers.ts';

/** A JDK of release 17 or newer and Maven; without them the example cannot be built here. */
const javac = /^javac (\d+)/.exec(String(spawnSync('javac', ['-version']).stdout))?.[1];
const buildable = Number(javac) >= 17 && spawnSync('mvn', ['-version']).status === 0;
// The tests of the answers use what only the answers declare, so without them nothing compiles: that is not run here.
const MAVEN_TEST = ['mvn', '-B', '-q', '-Dstyle.color=never', 'test'];

/** What each recorded answer comes to, in order: nothing where it passes, otherwise what Maven says. */
const RECORDED: Record<string, readonly (string | null)[]> = {
  events_async_001: ['cannot find symbol', null],
  homes_limit_001: [null],
  commands_suggest_001: [null],
};

const folder = temporaryFolder();
let example: Example;
beforeAll(async () => {
  example = await openExample('paper-plugin', folder.path);
});
afterAll(() => folder.remove());

describe.each(Object.entries(RECORDED))('%s', (task, recorded) => {
  test('has a specification that fits the repository, and answers that apply', async () => {
    const checked = checkPaths(example.specification(task), await example.mirror.listFiles(example.commit), ['.mvn/**']);
    expect(checked).toMatchObject({ problems: [], dropped: [] });
    const changeSets = await example.changeSets(task);
    expect(changeSets).toHaveLength(recorded.length);
    expect(changeSets).not.toContain(null);
  });
});

describe.skipIf(!buildable)('built by Maven', () => {
  const LIMIT_MS = 180_000;

  test('passes its own tests before any change', { timeout: LIMIT_MS }, async () => {
    expect(await example.run(null, MAVEN_TEST)).toMatchObject({ exitCode: 0 });
  });

  test.each(Object.entries(RECORDED))('%s has answers that come to what is expected', { timeout: LIMIT_MS }, async (task, recorded) => {
    for (const [index, changeSet] of (await example.changeSets(task)).entries()) {
      const end = await example.run(changeSet, MAVEN_TEST);
      const expected = recorded[index];
      if (expected) expect(end.output).toContain(expected);
      expect(end.exitCode === 0).toBe(expected === null);
    }
  });
});
