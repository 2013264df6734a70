import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dedent, indent, wrap } from 'text-kit';

test('lines end at the last space that fits', () => {
  assert.equal(wrap('The quick brown fox', 10), 'The quick\nbrown fox');
});

test('line ends of the text are kept', () => {
  assert.equal(wrap('one two\n\nthree', 5), 'one\ntwo\n\nthree');
});

test('a word longer than the width is not cut', () => {
  assert.equal(wrap('see https://example.org/a/long/path now', 10), 'see\nhttps://example.org/a/long/path\nnow');
});

test('a width that is no positive integer is refused', () => {
  for (const width of [0, -1, 2.5, Number.NaN]) assert.throws(() => wrap('text', width), RangeError);
});

test('indent leaves empty lines empty', () => {
  assert.equal(indent('a\n\nb', '> '), '> a\n\n> b');
});

test('dedent removes what all lines share', () => {
  assert.equal(dedent('    a\n      b\n\n    c'), 'a\n  b\n\nc');
});
