import { expect, test } from 'vitest';
import { cleanMarkdown, cleanText } from './clean-text.ts';

test('comments that a reader does not see are removed, those shown as code stay', () => {
  const text =
    'Before <!-- hidden --> after.\n\n<!-- also\nhidden -->\n\n`<!-- inline code -->`\n\n```html\n<!-- in a fence -->\n```\n';
  expect(cleanMarkdown(text)).toBe(
    'Before  after.\n\n\n\n`<!-- inline code -->`\n\n```html\n<!-- in a fence -->\n```\n',
  );
});

test('a comment that is never closed hides nothing', () => {
  expect(cleanMarkdown('Visible\n\n<!-- hidden\n\nto the end')).toBe('Visible\n\n');
});

test('characters that cannot be seen are removed: zero width, tags, bidirectional controls, escapes', () => {
  expect(cleanText('a\u200bb\u{e0041}\u{e0042}c\u202ed\u2066e\u00adf\u001b[31mg\ufeff')).toBe('abcdef[31mg');
});

test('line ends become one kind, tabs and letters of all alphabets stay', () => {
  expect(cleanText('a\r\nb\rc\td日本é')).toBe('a\nb\nc\td日本é');
});

test('what looks like a credential is masked', () => {
  expect(cleanText('api_key: "abcdef0123456789abcdef0123456789"')).toBe('api_key: "***"');
  expect(cleanText('token = countTokens(text)')).toBe('token = countTokens(text)');
  expect(cleanText('https://ada:hunter2pass@example.org/x')).not.toContain('hunter2pass');
});
