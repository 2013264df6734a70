import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from 'text-kit';

test('every unit counts', () => {
  assert.equal(parseDuration('2d 3h 4m 5s 6ms'), 183_845_006);
});

test('units may stand together or apart, and may be left out', () => {
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration(' 1h 30m '), 5_400_000);
  assert.equal(parseDuration('250ms'), 250);
});

test('what is no length of time is refused', () => {
  for (const text of ['', 'soon', '30', '30m 1h', '-5s', '1.5h']) {
    assert.throws(() => parseDuration(text), RangeError, text);
  }
});
