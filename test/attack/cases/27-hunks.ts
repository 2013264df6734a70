import type { AttackCase } from '../attack-case.ts';
import { guard, refusedReply, updateFile } from '../edits.ts';

const base = { 'code.txt': 'start\nsame\nend\nother\nsame\nend\n', 'second.txt': 'b\n' };

export default [
  refusedReply({
    row: 27,
    name: 'a place that is there twice',
    base,
    reply: updateFile('code.txt', '@@\n same\n-end\n+END'),
    codes: ['AMBIGUOUS'],
    told: /same|line/,
  }),
  refusedReply({
    row: 27,
    name: 'a place that is not there',
    base,
    reply: updateFile('code.txt', '@@\n strat\n-sane\n+x'),
    codes: ['NOT_FOUND'],
  }),
  refusedReply({
    row: 27,
    name: 'hunks that overlap',
    base,
    reply: updateFile('code.txt', '@@\n start\n-same\n+one\n@@\n start\n-same\n+two'),
    codes: ['OVERLAPPING_HUNKS', 'CONFLICTING_EDITS', 'NOT_FOUND', 'AMBIGUOUS'],
  }),
  refusedReply({
    row: 27,
    name: 'a hunk that is applied already',
    base: { 'code.txt': 'start\nnew\nend\n' },
    reply: updateFile('code.txt', '@@\n start\n-old\n+new\n end'),
    codes: ['ALREADY_APPLIED', 'NOT_FOUND', 'NO_CHANGE'],
  }),
  refusedReply({
    row: 27,
    name: 'deletes and edits one file',
    base,
    reply: '*** Begin Patch\n*** Delete File: second.txt\n*** Update File: second.txt\n@@\n-b\n+c\n*** End Patch',
    codes: ['CONFLICTING_EDITS'],
  }),
  refusedReply({
    row: 27,
    name: 'one good hunk and one bad one',
    base,
    reply: `*** Begin Patch\n*** Update File: second.txt\n@@\n-b\n+c\n*** Update File: code.txt\n@@\n-missing\n+x\n*** End Patch`,
    codes: ['NOT_FOUND', 'NO_CONTEXT'],
  }),
  {
    row: 27,
    name: 'an earlier change on another base',
    base,
    async run(attack) {
      const { result } = await guard(attack, updateFile('second.txt', '@@\n-b\n+c'), {
        baseCommit: '0'.repeat(40),
        summary: '',
        files: [],
      });
      return !result.ok && result.rejections.some(({ code }) => code === 'STALE_BASE')
        ? []
        : ['a stale base was taken'];
    },
  },
] satisfies AttackCase[];
