import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'text-kit';

test('names in braces are replaced by their values', () => {
  assert.equal(render('{greeting}, {name}!', { greeting: 'Hello', name: 'Ada' }), 'Hello, Ada!');
});

test('a value of any type is written as text', () => {
  assert.equal(render('{count} of {total}', { count: 0, total: null }), '0 of null');
});

test('a name without a value stays as it is', () => {
  assert.equal(render('Hello {name}', {}), 'Hello {name}');
});

test('doubled braces stand for single ones', () => {
  assert.equal(render('{{name}} is {name}', { name: 'Ada' }), '{name} is Ada');
});
