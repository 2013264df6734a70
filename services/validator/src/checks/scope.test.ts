import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { expect, test } from 'vitest';
import { type Contents, checkInput } from '../../test/check-input.ts';
import scope from './scope.ts';

const specification: Specification = {
  summary: 's',
  design: 'd',
  filesToChange: [{ path: 'core/src/main/java/a/b/Homes.java', action: 'update', why: 'w' }],
  filesToRead: [],
  tests: [{ path: 'core/src/test/java/a/b/HomesTest.java', covers: 'c' }],
  criteria: [],
  risks: [],
};
const outside = (before: Contents, after: Contents, validate: object = {}) =>
  scope
    .run(checkInput(before, after, { specification, validate: OrchestratorConfig.parse({ validate }).validate }))
    .map(({ file, severity }) => `${severity} ${file}`);

test.each<[string, Contents, Contents]>([
  ['the named file', { 'core/src/main/java/a/b/Homes.java': '1' }, { 'core/src/main/java/a/b/Homes.java': '2' }],
  ['a test of another name', {}, { 'core/src/test/java/a/b/LimitTest.java': '1' }],
  ['a file beside it', { 'core/src/main/java/a/b/Limit.java': '1' }, { 'core/src/main/java/a/b/Limit.java': '2' }],
  ['a new file in a folder beside it', {}, { 'core/src/main/java/a/limits/Limit.java': '1' }],
  ['documents and manifests', { 'README.md': '1', 'pom.xml': '1' }, { 'README.md': '2', 'pom.xml': '2' }],
])('%s is within the scope', (_what, before, after) => {
  expect(outside(before, after)).toEqual([]);
});

test('an old file elsewhere, a new one elsewhere and a file that is deleted are not', () => {
  const change = [
    { 'api/src/A.java': '1', 'web/b.js': '1' },
    { 'api/src/A.java': '2', 'web/b.js': null, 'x/c.js': '1' },
  ] as const;
  expect(outside(...change)).toEqual(['error api/src/A.java', 'error web/b.js', 'error x/c.js']);
  expect(outside(...change, { scope: 'warning' })).toContain('warning api/src/A.java');
  expect(outside(...change, { scope: 'off' })).toEqual([]);
});

test('without a specification there is no scope', () => {
  expect(scope.run(checkInput({}, { 'x/c.js': '1' }))).toEqual([]);
});
