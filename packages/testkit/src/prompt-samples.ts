import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Random = () => number;

const ALPHABETS: readonly ((random: Random) => string)[] = [
  (random) =>
    pick(random, [
      'const ',
      'function ',
      'return ',
      '(',
      ')',
      '{\n',
      '}\n',
      '  ',
      ' = ',
      ';\n',
      '=> ',
      'await ',
      'value',
      'index',
      '.map(',
      "'x'",
      '0x1F',
      '// TODO\n',
    ]),
  (random) =>
    pick(random, ['der ', 'the ', 'naïve ', 'façade, ', 'straße ', 'été. ', 'Größe\n', '– ', '“quoted” ', 'I’m ']),
  (random) => String.fromCodePoint(0x4e00 + Math.floor(random() * 0x5000)),
  (random) => String.fromCodePoint(0xac00 + Math.floor(random() * 0x2b00)),
  (random) => String.fromCodePoint(0x0600 + Math.floor(random() * 0x80)),
  (random) => pick(random, ['😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇨🇭', '☃️', '𝔘', '🧪']),
  (random) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charAt(Math.floor(random() * 64)),
  // Longer in their composed form: one letter becomes up to eighteen.
  (random) => pick(random, ['\uFDFA', '\uFDFB', '㍿', 'ﷲ', '№', '½', 'ﬃ', '㋿', '…', '㎢', '⑳']),
  (random) => pick(random, [' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u2003', '\u200b', '\ufeff']),
  (random) => pick(random, ['<|endoftext|>', '<|im_start|>', '<|im_sep|>', '\n\nHuman:', '</s>', '<EOT>', '[INST]']),
  (random) => pick(random, ['\ud800', '\udc00', '\u0000', '\u0001', '\u0301', '\u202e', '\ufffd', 'é', 'ễ']),
  (random) => String.fromCodePoint(0x20 + Math.floor(random() * 0x5f)),
  (random) => pick(random, ['"key": ', '{"a":1},', '[null,', '-1.5e10', 'true', '\\u00e9', '\\n']),
  (random) => String.fromCodePoint(Math.floor(random() * 0x10ffff)),
];

/** A text of one kind, or of several in turn; now and then a long run of one character. */
export function anyText(random: Random, maxPieces: number): string {
  let text = '';
  const pieces = Math.floor(random() ** 2 * maxPieces);
  let kind = pick(random, ALPHABETS);
  for (let i = 0; i < pieces; i++) {
    if (random() < 0.02) kind = pick(random, ALPHABETS);
    text += kind(random);
  }
  return random() < 0.03 ? text + kind(random).repeat(Math.floor(random() * 900)) : text;
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Texts as they are in repositories: every file of a source folder (no links in it) with one of these endings, up to a size. */
export function repositoryTexts(folder: string, endings: RegExp, maxBytes: number): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= maxBytes)
    .map((path) => readFileSync(path, 'utf8'));
}
