import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type StageHarness, stageHarness, verdictOf } from '../test/stage-harness.ts';

let db: TestDatabase;
let harness: StageHarness;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => harness?.remove());
afterAll(() => db.close());

const LIBRARY = {
  'package.json': JSON.stringify({ name: 'sums', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } }),
  'src/sum.js': 'export const sum = (a, b) => a + b;\n',
  'test/sum.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { sum } from '../src/sum.js';\n\ntest('adds two numbers', () => {\n  assert.equal(sum(1, 2), 3);\n});\n\ntest('adds zero', () => {\n  assert.equal(sum(0, 5), 5);\n});\n",
};
const PRODUCT_TEST =
  "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { product } from '../src/product.js';\n\ntest('multiplies', () => {\n  assert.equal(product(2, 3), 6);\n});\n";

test('a good change passes with the new test counted, and the commit is the same each time', async () => {
  harness = await stageHarness(db.database, LIBRARY);
  expect(await harness.baseline()).toMatchObject({
    kind: 'advance',
    artifacts: [
      {
        kind: 'baseline',
        content: { detector: 'npm', totals: { passed: 2, failed: 0 }, sandbox: { tier: 'bubblewrap' } },
      },
    ],
  });
  const change = {
    'src/product.js': 'export const product = (a, b) => a * b;\n',
    'test/product.test.js': PRODUCT_TEST,
  };
  const outcome = await harness.validate(change);
  const verdict = verdictOf(outcome);
  expect(verdict).toMatchObject({
    passed: true,
    findings: [],
    feedback: '',
    run: { totals: { passed: 3, failed: 0 } },
    tests: { added: ['test/product.test.js > multiplies'], missing: [] },
  });
  expect(outcome).toMatchObject({
    kind: 'advance',
    events: [{ type: 'run.validated', data: { passed: true, round: 1 } }],
  });
  expect(verdictOf(await harness.validate(change)).headCommit).toBe(verdict.headCommit);
  expect(harness.repository.git('status', '--porcelain', '--branch')).toBe('## main');
});

test('a change that breaks a test goes back with the test, its file and its line; the same failure twice ends the run', async () => {
  harness = await stageHarness(db.database, LIBRARY);
  await harness.baseline();
  const outcome = await harness.validate({ 'src/sum.js': 'export const sum = (a, b) => a - b;\n' });
  expect(outcome.kind).toBe('rework');
  const verdict = verdictOf(outcome);
  expect(verdict.tests.newlyFailed).toEqual(['test/sum.test.js > adds two numbers', 'test/sum.test.js > adds zero']);
  expect(verdict.findings[0]).toMatchObject({
    check: 'test',
    code: 'TEST_FAILED',
    test: 'test/sum.test.js > adds two numbers',
    file: 'test/sum.test.js',
    line: 6,
  });
  expect(verdict.feedback).toContain('test/sum.test.js:6');
  expect(Buffer.byteLength(verdict.feedback)).toBeLessThanOrEqual(4096);
  expect(await harness.validate({ 'src/sum.js': 'export const sum = (a, b) => a - b + 0;\n' }, 2)).toMatchObject({
    kind: 'reject',
    code: 'NO_PROGRESS',
  });
});

test('a failure of any earlier round that comes back ends the run', async () => {
  harness = await stageHarness(db.database, LIBRARY, { config: { pipeline: { maxRounds: 5 } } });
  await harness.baseline();
  const wrong = { 'src/sum.js': 'export const sum = (a, b) => a - b;\n' };
  expect((await harness.validate(wrong)).kind).toBe('rework');
  expect((await harness.validate({ 'src/sum.js': 'export const sum = (a, b) => {\n' }, 2)).kind).toBe('rework');
  expect(await harness.validate(wrong, 3)).toMatchObject({ kind: 'reject', code: 'NO_PROGRESS' });
});

test('another failure in the last round ends the run as exhausted', async () => {
  harness = await stageHarness(db.database, LIBRARY, { config: { pipeline: { maxRounds: 2 } } });
  await harness.baseline();
  expect((await harness.validate({ 'src/sum.js': 'export const sum = (a, b) => a - b;\n' })).kind).toBe('rework');
  expect(await harness.validate({ 'src/sum.js': 'export const sum = (a, b) => {\n' }, 2)).toMatchObject({
    kind: 'reject',
    code: 'ROUNDS_EXHAUSTED',
  });
});
