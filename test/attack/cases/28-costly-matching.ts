import type { AttackCase } from '../attack-case.ts';
import { refusedReply, updateFile } from '../edits.ts';

const WITHIN_MS = 3_000;
const equal = 'same\n'.repeat(50_000);

export default [
  refusedReply({
    row: 28,
    name: 'a hunk of 200 equal lines in 50,000',
    base: { 'equal.txt': equal },
    reply: () => updateFile('equal.txt', `@@\n${' same\n'.repeat(199)}-same\n+x`),
    codes: ['AMBIGUOUS', 'NOT_FOUND'],
    withinMs: WITHIN_MS,
  }),
  refusedReply({
    row: 28,
    name: 'a hunk that fails at its last line everywhere',
    base: { 'equal.txt': equal },
    reply: () => updateFile('equal.txt', `@@\n${' same\n'.repeat(199)}-different\n+x`),
    codes: ['NOT_FOUND', 'AMBIGUOUS'],
    withinMs: WITHIN_MS,
  }),
  refusedReply({
    row: 28,
    name: 'blanks that a careless expression tries in every way',
    reply: () =>
      `${'*** Begin Patch\n*** Update File: attack.sh\n@@\n'}${` ${' '.repeat(3_000)}x\n`.repeat(300)}-${' '.repeat(3_000)}\n*** End Patch`,
    codes: ['NOT_FOUND', 'NO_CONTEXT', 'MALFORMED_PATCH', 'NO_CHANGE'],
    withinMs: WITHIN_MS,
  }),
  refusedReply({
    row: 28,
    name: 'fences that never close',
    reply: () => `${'a.txt\n```\n'.repeat(20_000)}`,
    codes: ['AMBIGUOUS_FENCE', 'TRUNCATED', 'NO_EDIT', 'MALFORMED_BLOCK', 'NO_PATH', 'CONFLICTING_EDITS', 'TOO_LARGE'],
    withinMs: WITHIN_MS,
  }),
] satisfies AttackCase[];
