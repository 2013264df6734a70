import type { AttackCase } from '../attack-case.ts';
import { guard, refusedReply, updateFile } from '../edits.ts';

const FILES = {
  'crlf.txt': 'one\r\ntwo\r\nthree\r\n',
  'mixed.txt': 'one\ntwo\r\nthree\n',
  'bom.txt': '\uFEFFone\ntwo\nthree\n',
  'bare.txt': 'one\ntwo',
  'emoji.txt': '👩‍👩‍👧 one\ntwo\nGrüße\n',
  'utf16.txt': Buffer.from('\uFEFFone\ntwo\n', 'utf16le'),
  'latin1.txt': Buffer.from('Gr\u00fc\u00dfe\ntwo\n', 'latin1'),
} as const;

/** The only bytes that may differ are those of the line that is edited. */
const edited = (path: keyof typeof FILES, after: string): AttackCase => ({
  row: 25,
  name: `edits ${path} and nothing beside the line`,
  base: FILES,
  async run(attack) {
    const { result } = await guard(attack, updateFile(path, '@@\n-two\n+2'));
    if (!result.ok) return [`refused: ${JSON.stringify(result.rejections)}`];
    const [file] = result.changeSet.files;
    const text = file?.op === 'write' ? Buffer.from(file.contentBase64, 'base64').toString('utf8') : '';
    return text === after ? [] : [`it became ${JSON.stringify(text)}`];
  },
});

export default [
  edited('crlf.txt', 'one\r\n2\r\nthree\r\n'),
  edited('mixed.txt', 'one\n2\r\nthree\n'),
  edited('bom.txt', '\uFEFFone\n2\nthree\n'),
  edited('bare.txt', 'one\n2'),
  edited('emoji.txt', '👩‍👩‍👧 one\n2\nGrüße\n'),
  refusedReply({
    row: 25,
    name: 'edits UTF-16',
    base: FILES,
    reply: updateFile('utf16.txt', '@@\n-two\n+2'),
    codes: ['BINARY_FILE', 'ENCODING_UNSUPPORTED'],
  }),
  refusedReply({
    row: 25,
    name: 'edits Latin-1',
    base: FILES,
    reply: updateFile('latin1.txt', '@@\n-two\n+2'),
    codes: ['ENCODING_UNSUPPORTED', 'BINARY_FILE'],
  }),
] satisfies AttackCase[];
