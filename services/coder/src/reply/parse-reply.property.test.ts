import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyReply } from '../apply-reply.ts';
import { memoryFiles } from '../guard/memory-files.ts';
import type { HunkLine } from './edit.ts';
import { parseReply } from './parse-reply.ts';

const PIECES = [
  '*** Begin Patch',
  '*** End Patch',
  '*** Update File: a.ts',
  '*** Add File: b.ts',
  '*** Delete File: a.ts',
  '*** Move to: ../c.ts',
  '*** End of File',
  '@@',
  '@@ f',
  ' one',
  '-one',
  '+two',
  '',
  '```',
  '```ts',
  '```ts a.ts',
  '````',
  '~~~',
  'a.ts',
  '### `a.ts`',
  '<<<<<<< SEARCH',
  '=======',
  '>>>>>>> REPLACE',
  'one',
  '// ... rest of the code',
  '--- a/a.ts',
  '+++ b/a.ts',
  '\u0000',
  '\u202E',
  '[masked secret]',
];

test('no text makes the parser or the guard throw, and what is applied touches the named files only', () => {
  const files = memoryFiles({ 'a.ts': 'one\nthree\n', 'untouched.ts': 'x\n' });
  const reply = fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(reply, fc.constantFrom('\n', '\r\n'), (lines, eol) => {
      const result = applyReply({ reply: lines.join(eol), files, previous: null });
      if (result.ok) for (const { path } of result.changeSet.files) expect(path).not.toMatch(/untouched|\.\.|\\|^\//);
      else expect(result.rejections.length).toBeGreaterThan(0);
    }),
    { numRuns: 5_000 },
  );
});

test('a patch that is written out is read back as the same hunks', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '*', '@', '+', '-', '{', '`', 'é'), maxLength: 8 });
  const changed = fc.array(fc.record({ op: fc.constantFrom('keep', 'delete', 'insert'), text }), {
    minLength: 1,
    maxLength: 8,
  });
  const hunks = fc.array(
    changed.filter((lines) => lines.some((line) => line.op !== 'keep')),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(hunks, (written) => {
      const sign = { keep: ' ', delete: '-', insert: '+' };
      const body = written
        .map((lines) => `@@\n${lines.map((line) => sign[line.op as HunkLine['op']] + line.text).join('\n')}`)
        .join('\n');
      const parsed = parseReply(
        `Prose before.\n\n*** Begin Patch\n*** Update File: src/a.ts\n${body}\n*** End Patch\n\nProse after.`,
      );
      expect(parsed.problems).toEqual([]);
      expect(parsed.edits).toEqual([
        {
          kind: 'update',
          path: 'src/a.ts',
          moveTo: null,
          hunks: written.map((lines) => ({ anchors: [], lines, atEnd: false })),
        },
      ]);
      expect(parsed.summary).toBe('Prose before.');
    }),
  );
});
