import type { AttackCase } from '../attack-case.ts';
import { addFile, refusedChange, refusedReply } from '../edits.ts';

const files = (count: number, size: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/file${index}.txt`, 'x'.repeat(size)]));
const within = { withinMs: 15_000, codes: ['TOO_LARGE'] as const };

export default [
  refusedReply({
    row: 23,
    name: 'ten thousand files',
    ...within,
    reply: () => Array.from({ length: 10_000 }, (_, index) => addFile(`many/file${index}.txt`)).join('\n'),
  }),
  refusedReply({
    row: 23,
    name: 'fifty megabytes',
    ...within,
    reply: () => addFile('big.txt', `${'x'.repeat(99)}\n`.repeat(500_000)),
  }),
  refusedReply({
    row: 23,
    name: 'one line of three megabytes',
    ...within,
    reply: () => addFile('line.txt', 'x'.repeat(3_000_000)),
  }),
  refusedReply({
    row: 23,
    name: 'a path of a thousand folders',
    reply: addFile(`${'d/'.repeat(1_000)}f.txt`),
    codes: ['PATH_REJECTED'],
  }),
  refusedChange({
    row: 23,
    name: 'past the guard: a thousand files',
    files: () => files(1_000, 10),
    code: 'TOO_MANY_FILES',
  }),
  refusedChange({
    row: 23,
    name: 'past the guard: twenty megabytes in one file',
    files: () => ({ 'big.txt': 'x'.repeat(20_000_000) }),
    code: 'FILE_TOO_LARGE',
  }),
  refusedChange({
    row: 23,
    name: 'past the guard: a hundred thousand lines',
    files: () => ({ 'lines.txt': 'x\n'.repeat(100_000) }),
    code: 'TOO_MANY_LINES',
  }),
] satisfies AttackCase[];
