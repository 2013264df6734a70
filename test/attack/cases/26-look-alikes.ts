import type { AttackCase } from '../attack-case.ts';
import { addFile, refusedChange, refusedReply } from '../edits.ts';

const base = { 'README.md': 'x\n', 'docs/Größe.md': 'x\n' };

export default [
  refusedReply({
    row: 26,
    name: 'a name that differs in case alone',
    base,
    reply: addFile('readme.MD'),
    codes: ['PATH_COLLISION', 'FILE_EXISTS'],
  }),
  refusedReply({
    row: 26,
    name: 'a folder that differs in case alone',
    base,
    reply: addFile('Docs/other.md'),
    codes: ['PATH_COLLISION'],
  }),
  refusedReply({
    row: 26,
    name: 'a name in another Unicode form',
    base,
    reply: addFile('docs/Größe.md'.normalize('NFD')),
    codes: ['PATH_COLLISION', 'FILE_EXISTS'],
  }),
  refusedReply({
    row: 26,
    name: 'a name that reads backwards',
    base,
    reply: addFile('docs/\u202Egnp.md'),
    codes: ['PATH_REJECTED'],
  }),
  refusedReply({
    row: 26,
    name: 'code that reads otherwise than it runs',
    base,
    reply: addFile('code.js', "if (level != 'user\u202E \u2066// check\u2069 \u2066') {}"),
    codes: ['FORBIDDEN_CHARACTER'],
  }),
  refusedChange({
    row: 26,
    name: 'past the guard: a name that differs in case alone',
    base,
    files: { 'readme.MD': 'x' },
    code: 'EDIT_REJECTED',
  }),
  refusedChange({
    row: 26,
    name: 'past the guard: another Unicode form',
    base,
    files: { ['docs/Größe.md'.normalize('NFD')]: 'x' },
    code: 'EDIT_REJECTED',
  }),
] satisfies AttackCase[];
