import { expect, test } from 'vitest';
import { cleanMarkdown } from './clean-markdown.ts';
import { cleanLines, cleanText, visibleText } from './clean-text.ts';

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

test('emoji and scripts keep what joins them, and nothing is hidden beside or behind it', () => {
  const visible = '👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 ✔\ufe0f 1\ufe0f\u20e3 می\u200cخواهم';
  expect(visibleText(visible)).toBe(visible);
  expect(visibleText('a\ufe0fb 🔥\ufe01\ufe02\ufe03 🔥\u200d x\u200c')).toBe('ab 🔥\ufe01 🔥 x');
});

test('an invisible character within a secret does not hide it', () => {
  expect(cleanText(`ghp_${'a1'.repeat(9)}\u200b${'b2'.repeat(9)}`)).toBe('ghp_***');
});

test('lines stay lines when line ends are not to be changed', () => {
  expect(cleanLines('a\r\nb\rc\n\u0000d')).toBe('a\nbc\nd');
});
