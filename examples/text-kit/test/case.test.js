import assert from 'node:assert/strict';
import { test } from 'node:test';
import { camelCase, kebabCase, snakeCase, titleCase, words } from 'text-kit';

test('words end where the case changes', () => {
  assert.deepEqual(words('HTTPServer errorCode v2'), ['HTTP', 'Server', 'error', 'Code', 'v2']);
});

test('words keep accents and drop punctuation', () => {
  assert.deepEqual(words('Crème brûlée, déjà-vu!'), ['Crème', 'brûlée', 'déjà', 'vu']);
});

test('each style joins the same words its own way', () => {
  assert.equal(camelCase('HTTP server error'), 'httpServerError');
  assert.equal(kebabCase('HTTP server error'), 'http-server-error');
  assert.equal(snakeCase('HTTP server error'), 'http_server_error');
  assert.equal(titleCase('HTTP server error'), 'Http Server Error');
});

test('text without words becomes empty', () => {
  assert.equal(camelCase('--'), '');
  assert.equal(titleCase(''), '');
});
