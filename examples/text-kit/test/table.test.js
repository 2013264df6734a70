import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from 'text-kit';

test('columns are as wide as their widest cell', () => {
  assert.equal(
    formatTable([
      ['name', 'born'],
      ['Ada', '1815'],
      ['Katherine', '1918'],
    ]),
    'name       born\nAda        1815\nKatherine  1918',
  );
});

test('numbers are aligned to the right', () => {
  assert.equal(
    formatTable([
      ['item', 'count'],
      ['apples', 7],
      ['pears', 12],
    ]),
    'item    count\napples      7\npears      12',
  );
});

test('missing cells and no rows are fine', () => {
  assert.equal(formatTable([['a', null], ['b']]), 'a\nb');
  assert.equal(formatTable([]), '');
});
