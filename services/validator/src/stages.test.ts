import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageJson } from '../test/recipe-of.ts';
import { verdictOf } from '../test/stage-harness.ts';
import { stageScenes } from '../test/stage-scenes.ts';
import { anyProcessNamed } from './sandbox/probe.ts';

const scene = stageScenes();

/** Tests as TAP from a shell script: no tool-chain, so that the stages themselves are what takes time. */
const MAKE = (script: string) => ({ Makefile: 'test:\n\t@sh ./test.sh\n', 'test.sh': script });
const GREEN = MAKE('echo 1..2\necho "ok 1 - one"\necho "ok 2 - two"\n');

test('a red base ends the run before any change, and names what is red', async () => {
  const harness = await scene.open(MAKE('echo 1..1\necho "not ok 1 - adds"\nexit 1\n'));
  expect(await harness.baseline()).toMatchObject({
    kind: 'fail',
    code: 'BASELINE_RED',
    message: expect.stringContaining('1 test failed, such as adds'),
    artifacts: [{ kind: 'baseline' }],
  });
  expect(await scene.db.baseline.count({ where: { repositoryId: harness.context.repository.id } })).toBe(0);
});

test('a red base is worked on where the configuration says so, and only new failures count', async () => {
  const script = (second: string) => `echo 1..2\necho "not ok 1 - old"\necho "${second} 2 - two"\nexit 1\n`;
  const harness = await scene.open(
    { ...MAKE(script('ok')), 'a.txt': '1' },
    { config: { validate: { requireGreenBaseline: false } } },
  );
  expect((await harness.baseline()).kind).toBe('advance');
  expect(verdictOf(await harness.validate({ 'a.txt': '2' }))).toMatchObject({
    passed: true,
    tests: { knownFailed: ['old'] },
  });
  expect(verdictOf(await harness.validate({ 'test.sh': script('not ok') }))).toMatchObject({
    passed: false,
    tests: { newlyFailed: ['two'], knownFailed: ['old'] },
  });
});

test('a base of which nothing passes judges no change, even where the configuration lets it be red', async () => {
  const config = { validate: { requireGreenBaseline: false } };
  const harness = await scene.open({ ...MAKE('echo broken\nexit 1\n'), 'a.txt': '1' }, { config });
  expect((await harness.baseline()).kind).toBe('advance');
  expect(verdictOf(await harness.validate({ 'a.txt': '2' }))).toMatchObject({
    passed: false,
    findings: [{ code: 'NOT_TESTED' }],
  });
  expect(verdictOf(await harness.validate({ 'test.sh': GREEN['test.sh'] }))).toMatchObject({
    passed: true,
    tests: { added: ['one', 'two'] },
  });
});

test('of two runners each has to show something', async () => {
  const config = { validate: { requireGreenBaseline: false, test: ['node crashes.js', 'node --test'] } };
  const files = { 'crashes.js': 'throw 1;\n', 'package.json': packageJson({ test: 'node --test' }) };
  const harness = await scene.open(
    { ...files, 'a.test.js': "require('node:test')('works', () => {});\n", 'a.txt': '1' },
    { config },
  );
  await harness.baseline();
  const verdict = verdictOf(await harness.validate({ 'a.txt': '2' }));
  expect(verdict.findings).toMatchObject([{ code: 'NOT_TESTED', message: expect.stringContaining('crashes.js') }]);
});

test('a green base is built once for a commit', async () => {
  const harness = await scene.open(GREEN);
  await harness.baseline();
  const ran = harness.progressed.length;
  expect(await harness.baseline()).toMatchObject({
    kind: 'advance',
    artifacts: [{ content: { totals: { passed: 2 } } }],
  });
  expect(harness.progressed.length).toBe(ran);
});

test('a repository without commands is refused', async () => {
  const harness = await scene.open({ 'README.md': 'Nothing to run.' });
  await expect(harness.baseline()).rejects.toMatchObject({ code: 'NO_COMMANDS' });
});

test('a test that fails once and then passes is flaky, and blames nobody', async () => {
  // The second run finds what the first left in the workspace.
  const script =
    'echo 1..2\necho "ok 1 - one"\nif [ -e ran ]; then echo "ok 2 - two"; else touch ran; echo "not ok 2 - two"; exit 1; fi\n';
  const harness = await scene.open({ ...GREEN, 'a.txt': '1' });
  await harness.baseline();
  expect(verdictOf(await harness.validate({ 'test.sh': script }))).toMatchObject({
    passed: true,
    findings: [],
    tests: { flaky: ['two'] },
    run: { totals: { passed: 2, failed: 0 } },
  });
});

test('a protected path, a secret and an empty change are refused without running anything', async () => {
  const harness = await scene.open(GREEN);
  await harness.baseline();
  const ran = harness.progressed.length;
  for (const [changes, code] of [
    [{ '.github/workflows/ci.yml': 'on: push\n' }, 'PROTECTED_PATH'],
    [{ 'a.sh': `TOKEN=ghp_${'a1B2'.repeat(9)}\n` }, 'SECRET'],
    [{ 'test.sh': GREEN['test.sh'] }, 'NO_CHANGE'],
  ] as const) {
    const verdict = verdictOf(await harness.validate(changes));
    expect(verdict).toMatchObject({ passed: false, run: null, findings: [{ code }] });
  }
  expect(harness.progressed.slice(ran)).toEqual(['checks', 'checks', 'checks']);
});

test('a change that cannot be applied goes back with the reason', async () => {
  const harness = await scene.open(GREEN);
  await harness.baseline();
  const outcome = await harness.validate({ '../outside.txt': 'x' });
  expect(outcome.kind).toBe('rework');
  expect(verdictOf(outcome)).toMatchObject({
    passed: false,
    run: null,
    findings: [{ check: 'apply', code: 'EDIT_REJECTED' }],
  });
});

test('a change may not decide how it is tested', async () => {
  const harness = await scene.open({
    'package.json': JSON.stringify({ name: 'x', scripts: { test: 'node --test' }, type: 'module' }),
    'a.test.js': "import { test } from 'node:test';\ntest('a', () => {});\n",
  });
  await harness.baseline();
  const verdict = verdictOf(
    await harness.validate({
      'package.json': JSON.stringify({ name: 'x', scripts: { test: 'echo fine' }, type: 'module' }),
    }),
  );
  expect(verdict).toMatchObject({ passed: false, findings: [{ code: 'TEST_CONFIGURATION' }] });
});

test('code of a change reaches no network, no secret and no file of the machine, and leaves nothing behind', async () => {
  process.env.STAGE_SECRET = 'canary-7c1f';
  const marker = `stage-daemon-${process.pid}`;
  const harness = await scene.open(GREEN);
  await harness.baseline();
  const probe = `env; cat /proc/1/environ; ls /root ${harness.home} ${harness.repository.path} && echo saw; setsid sh -c 'while :; do sleep 1; done' ${marker} & echo 1..2; echo "ok 1 - one"; echo "ok 2 - two"`;
  const verdict = verdictOf(await harness.validate({ 'test.sh': probe }));
  delete process.env.STAGE_SECRET;
  expect(verdict.passed).toBe(true);
  const output = verdict.run?.commands[0]?.output ?? '';
  expect(output).toContain('HOME=');
  expect(output).not.toContain('canary-7c1f');
  expect(output).not.toContain('saw');
  expect(await anyProcessNamed(marker)).toBe(false);
  expect(readdirSync(join(harness.home, 'workspaces'))).toEqual([]);
});

test('limits of the configuration hold, and say which one it was', async () => {
  const harness = await scene.open(GREEN, { config: { validate: { timeout: '2s' } } });
  await harness.baseline();
  expect(verdictOf(await harness.validate({ 'test.sh': 'sleep 60\n' }))).toMatchObject({
    passed: false,
    findings: [{ code: 'TIMEOUT' }],
  });
});

test('an aborted stage throws, ends its processes and removes its workspace', async () => {
  const marker = `abort-${process.pid}`;
  const harness = await scene.open(MAKE(`sh -c 'while :; do sleep 1; done' ${marker}\n`));
  const running = harness.baseline();
  while (!(await anyProcessNamed(marker))) await new Promise((resolve) => setTimeout(resolve, 20));
  harness.abort();
  await expect(running).rejects.toThrow();
  expect(await anyProcessNamed(marker)).toBe(false);
  expect(existsSync(join(harness.home, 'workspaces')) ? readdirSync(join(harness.home, 'workspaces')) : []).toEqual([]);
});
