import { describe, expect, test } from 'vitest';
import { checkInput, codesOf } from '../../test/check-input.ts';
import confusables from './confusables.ts';

describe('confusables', () => {
  test.each([
    ['a text that is shown backwards', 'if (role !== "user\u202E \u2066// admin\u2069 \u2066") {', ['BIDI_CHARACTER']],
    ['a space without width', 'const user\u200B = 1;', ['INVISIBLE_CHARACTER']],
    ['tags', `const a = 'x\u{E0041}';`, ['INVISIBLE_CHARACTER']],
    ['a filler that counts as a letter', 'const \u3164 = 1;', ['INVISIBLE_CHARACTER']],
    ['a Cyrillic letter in a Latin word', 'const p\u0430ssword = 1;', ['CONFUSABLE_WORD']],
    ['a joiner in a Latin word', 'const pass\u200Dword = 1;', ['INVISIBLE_CHARACTER']],
    ['words of one script each', "const Straße = 'пароль', Δx = 1, µs = 2;", []],
    ['emoji', "const family = '👩‍👩‍👧', flag = '🏳️‍🌈';", []],
    ['a joiner that Persian needs', "const book = 'می\u200Cخواهم';", []],
  ])('%s', (_what, text, expected) => {
    expect(codesOf(confusables.run(checkInput({}, { 'a.js': `${text}\n` })))).toEqual(expected);
  });
  test('texts for people are only warned about, and old lines not at all', () => {
    expect(confusables.run(checkInput({}, { 'ar.json': '"\u200Fمرحبا"\n' }))).toMatchObject([{ severity: 'warning' }]);
    const old = 'const p\u0430ssword = 1;\n';
    expect(confusables.run(checkInput({ 'a.js': old }, { 'a.js': `${old}b();\n` }))).toEqual([]);
  });
  test('a path that looks like another', () => {
    expect(codesOf(confusables.run(checkInput({}, { 'src/p\u0430ge.js': 'x\n' })))).toEqual(['CONFUSABLE_PATH']);
  });
  test('a byte order mark at the beginning is none of it', () => {
    expect(confusables.run(checkInput({}, { 'a.cs': '\uFEFFclass A { }\n' }))).toEqual([]);
  });
});
