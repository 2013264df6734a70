import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branchName } from './branch-name.ts';

test.each(['ai/events_async_001', 'ai/Größe-1.2', 'team/ai/x'])('%s is kept', (name) => {
  expect(branchName(name)).toBe(name);
});

test.each([
  'ai/a b',
  'ai/..',
  'ai/-x',
  'ai/x.lock',
  'ai/x.lock.lock/y',
  'ai/x~1',
  'ai/a@{0}',
  '',
  '/',
  'ai//x',
  `ai/${'x'.repeat(400)}`,
])('%j becomes another name', (name) => {
  expect(branchName(name)).not.toBe(name);
  expect(branchName(branchName(name))).toBe(branchName(name));
});

test('two names that differ stay different', () => {
  expect(branchName('ai/a b')).not.toBe(branchName('ai/a-b'));
  expect(branchName('ai/a b')).not.toBe(branchName('ai/a?b'));
});

test('git accepts whatever comes out', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.stringMatching(/^[-.@{~^:?*[\\/ a]{0,8}$/),
    fc.constant('.lock'),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      execFileSync('git', ['check-ref-format', `refs/heads/${branchName(`ai/${parts.join('/')}`)}`]);
    }),
    { numRuns: 100 },
  );
});
