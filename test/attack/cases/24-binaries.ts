import type { AttackCase } from '../attack-case.ts';
import { refusedChange, refusedReply, updateFile } from '../edits.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
const base = { 'logo.png': PNG, 'lib.jar': Buffer.from('PK\u0003\u0004\0\0') };

export default [
  refusedReply({
    row: 24,
    name: 'edits a picture',
    base,
    reply: updateFile('logo.png', '@@\n-x\n+y'),
    codes: ['BINARY_FILE'],
  }),
  refusedReply({
    row: 24,
    name: 'replaces an archive of classes by text',
    base,
    reply: 'lib.jar\n```\nPK fake\n```',
    codes: ['BINARY_FILE', 'FILE_EXISTS'],
  }),
  refusedChange({
    row: 24,
    name: 'past the guard: bytes of a program',
    base,
    files: { 'tool.bin': '\u007fELF\0\0\0\0' },
    code: 'BINARY_FILE',
  }),
  refusedChange({
    row: 24,
    name: 'past the guard: a wrapper archive',
    base,
    files: { 'gradle/wrapper/gradle-wrapper.jar': 'PK\u0003\u0004\0' },
    code: 'PROTECTED_PATH',
  }),
] satisfies AttackCase[];
