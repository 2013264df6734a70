import { expect, test } from 'vitest';
import { changeSetOf, verdictOf } from '../test/stage-harness.ts';
import { stageScenes } from '../test/stage-scenes.ts';
import { findToolchains } from './sandbox/toolchains.ts';
import { runChecks } from './static-checks.ts';

const scene = stageScenes();

const GREEN = { Makefile: 'test:\n\t@sh ./test.sh\n', 'test.sh': 'echo 1..1\necho "ok 1 - one"\n' };
const RULE = `id: no-todo
severity: error
message: The code is not finished.
fix: Finish it.
match:
  - languages: [python]
    rule: { kind: comment, regex: TODO }
examples:
  bad: [{ language: python, code: "# TODO" }]
  good: [{ language: python, code: "# done" }]
`;

test('a rule of the repository that is wrong ends the run before any change, and names its place', async () => {
  const harness = await scene.open({ ...GREEN, '.orchestrator/rules/a.yml': RULE.replace('severity', 'sev') });
  await expect(harness.baseline()).rejects.toMatchObject({
    code: 'RULES_INVALID',
    message: expect.stringContaining('.orchestrator/rules/a.yml:2:1: sev is not a known field'),
  });
});

test('rules are those of the base commit, and what they found, or let pass, is in the verdict', async () => {
  const harness = await scene.open(
    { ...GREEN, '.orchestrator/rules/a.yml': RULE, 'plugin.yml': 'folia-supported: true\n' },
    { config: { validate: { protectedPaths: [], suppress: [{ finding: 'folia/teleport', reason: 'Paper only' }] } } },
  );
  await harness.baseline();
  const refused = verdictOf(
    await harness.validate({
      '.orchestrator/rules/a.yml': null,
      'a.py': '# TODO\n',
      'A.java': 'class A { void f() { p.teleport(q); } }\n',
    }),
  );
  expect(refused).toMatchObject({
    passed: false,
    run: null,
    findings: [{ check: 'policy.rules', code: 'repository/no-todo', file: 'a.py', line: 1 }],
    suppressed: [{ finding: { code: 'folia/teleport', file: 'A.java' }, by: 'configuration', reason: 'Paper only' }],
  });
  expect(refused.packs.map((pack) => pack.id)).toEqual(['folia', 'no-internal-jdk', 'repository']);
  expect(verdictOf(await harness.validate({ 'a.py': '# done\n' }))).toMatchObject({ passed: true, findings: [] });
});

test('what lies outside of the specification is an error, and a warning once reviewers have asked for more', async () => {
  const harness = await scene.open({ ...GREEN, 'web/page.js': '1\n' });
  const { mirror, config, signal, run } = harness.context;
  const changeSet = changeSetOf(run.baseCommit, { 'web/page.js': '2\n' });
  const headCommit = await mirror.commitChangeSet(changeSet, {
    message: 'm',
    authorName: 'a',
    authorEmail: 'a@b',
    date: new Date(0),
  });
  const specification = {
    summary: 's',
    design: 'd',
    filesToChange: [{ path: 'core/main.js', action: 'update', why: 'w' }],
    filesToRead: [],
    tests: [],
    criteria: [],
    risks: [],
  };
  const found = async (review: unknown) => {
    const artifacts: Record<string, unknown> = { specification, review };
    const artifact = async (kind: string) => artifacts[kind] ?? null;
    return (await runChecks({ mirror, config, signal, artifact }, changeSet, headCommit)).findings;
  };
  expect(await found(null)).toMatchObject([{ code: 'OUT_OF_SCOPE', severity: 'error', file: 'web/page.js' }]);
  expect(await found({ items: [] })).toMatchObject([{ code: 'OUT_OF_SCOPE', severity: 'warning' }]);
});

const { tools } = await findToolchains();

test.skipIf(!tools.has('javac'))(
  'a class that the source does not name is found in what was built (skipped: no JDK)',
  async () => {
    const harness = await scene.open({
      Makefile: 'test:\n\t@mkdir -p out && javac -nowarn -d out *.java 2>/dev/null && sh ./test.sh\n',
      'test.sh': GREEN['test.sh'],
      'Library.java': 'public class Library { public static sun.misc.Unsafe memory() { return null; } }\n',
    });
    await harness.baseline();
    const app = (body: string) => ({ 'App.java': `class App { void f() { ${body} } }\n` });
    expect(verdictOf(await harness.validate(app('var memory = Library.memory(); memory.pageSize();')))).toMatchObject({
      passed: false,
      findings: [{ check: 'policy.bytecode', code: 'FORBIDDEN_CLASS', file: 'App.java' }],
    });
    expect(verdictOf(await harness.validate(app('Library.class.getName();')))).toMatchObject({
      passed: true,
      findings: [],
    });
  },
);
