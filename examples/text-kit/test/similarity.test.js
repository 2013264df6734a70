import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance } from 'text-kit';

test('equal texts have no distance', () => {
  assert.equal(distance('same', 'same'), 0);
});

test('insertions, deletions and replacements cost one each', () => {
  assert.equal(distance('kitten', 'sitting'), 3);
  assert.equal(distance('', 'abc'), 3);
  assert.equal(distance('abc', ''), 3);
});

test('a character outside the basic plane is one character', () => {
  assert.equal(distance('a🎉', 'a'), 1);
});
