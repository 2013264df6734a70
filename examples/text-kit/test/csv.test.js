import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCsv, parseCsv } from 'text-kit';

test('fields are separated by commas and rows by line ends', () => {
  assert.deepEqual(parseCsv('id,name\n1,Ada\n2,Grace'), [
    ['id', 'name'],
    ['1', 'Ada'],
    ['2', 'Grace'],
  ]);
});

test('the line ends of Windows are no part of a field', () => {
  assert.deepEqual(parseCsv('id,name\r\n1,Ada\r\n'), [
    ['id', 'name'],
    ['1', 'Ada'],
  ]);
});

test('an empty last line is no row, an empty line before it is one', () => {
  assert.deepEqual(parseCsv(''), []);
  assert.deepEqual(parseCsv('a\n\nb\n'), [['a'], [''], ['b']]);
});

test('another separator can be given', () => {
  assert.deepEqual(parseCsv('1,5;2', { separator: ';' }), [['1,5', '2']]);
});

test('fields are quoted only where they have to be', () => {
  const rows = [['plain', 'a,b', 'say "hi"', 'two\nlines', null, 7]];
  assert.equal(formatCsv(rows), 'plain,"a,b","say ""hi""","two\nlines",,7\n');
});
