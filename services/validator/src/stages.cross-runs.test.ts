import { expect, test } from 'vitest';
import { verdictOf } from '../test/stage-harness.ts';
import { stageScenes } from '../test/stage-scenes.ts';

const scene = stageScenes();

const TEST = (name: string, value: number) =>
  `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { twice } from '../src/twice.js';\n\ntest('${name}', () => {\n  assert.equal(twice(${value}), ${2 * value});\n});\n`;
const LIBRARY = {
  'package.json': JSON.stringify({ name: 'x', type: 'module', scripts: { test: 'node --test' } }),
  'src/twice.js': 'export const twice = (n) => (n > 9 ? 0 : 2 * n);\n',
  'test/twice.test.js': TEST('small numbers', 3),
};
const RIGHT = 'export const twice = (n) => 2 * n;\n';

test('a change whose tests fail without it passes where that is asked for; useless tests are named', async () => {
  const harness = await scene.open(LIBRARY, { config: { validate: { requireFailingFirst: true } } });
  await harness.baseline();
  const change = { 'src/twice.js': RIGHT, 'test/large.test.js': TEST('large numbers', 30) };
  expect(verdictOf(await harness.validate(change))).toMatchObject({ passed: true, findings: [] });
  const more = { ...change, 'test/four.test.js': TEST('four', 4) };
  expect(verdictOf(await harness.validate(more))).toMatchObject({
    passed: true,
    findings: [
      {
        code: 'TEST_PASSES_WITHOUT_CHANGE',
        severity: 'warning',
        message: expect.stringContaining('test/four.test.js > four'),
      },
    ],
  });
});

test('a change without a test that fails without it does not, and is told so', async () => {
  const harness = await scene.open(LIBRARY, { config: { validate: { requireFailingFirst: true } } });
  await harness.baseline();
  const source = { 'src/twice.js': RIGHT };
  const changes: Record<string, string>[] = [source, { ...source, 'test/four.test.js': TEST('four', 4) }];
  for (const change of changes)
    expect(verdictOf(await harness.validate(change))).toMatchObject({
      passed: false,
      findings: [{ code: 'NO_FAILING_TEST' }],
    });
});

test('a test that does not even load without the change fails without it', async () => {
  const harness = await scene.open(LIBRARY, { config: { validate: { requireFailingFirst: true } } });
  await harness.baseline();
  const change = {
    'src/thrice.js': 'export const twice = (n) => 2 * n;\n',
    'test/new.test.js': TEST('new', 30).replace('src/twice', 'src/thrice'),
  };
  expect(verdictOf(await harness.validate(change))).toMatchObject({ passed: true, findings: [] });
});

test('what an existing test expects may change where the specification says so, and people are told', async () => {
  const harness = await scene.open(LIBRARY);
  await harness.baseline();
  const change = {
    'src/twice.js': 'export const twice = (n) => 3 * n;\n',
    'test/twice.test.js': TEST('small numbers', 3).replace(', 6)', ', 9)'),
  };
  expect(verdictOf(await harness.validate(change))).toMatchObject({
    passed: false,
    findings: [{ code: 'TEST_REWRITTEN', severity: 'error', file: 'test/twice.test.js', line: 6 }],
  });
  harness.specify(['src/twice.js', 'test/twice.test.js']);
  expect(verdictOf(await harness.validate(change))).toMatchObject({
    passed: true,
    findings: [{ code: 'TEST_REWRITTEN', severity: 'warning' }],
  });
});
