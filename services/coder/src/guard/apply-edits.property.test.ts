import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hunk, HunkLine } from '../reply/edit.ts';
import { applyEdits } from './apply-edits.ts';
import { memoryFiles } from './memory-files.ts';
import { decodeText, encodeText, splitLines } from './text-file.ts';

/** Few different lines, so that places are often ambiguous; none looks like another but for its blanks. */
const lineText = fc.constantFrom(
  '',
  'a',
  '  a',
  'b();',
  '  b();',
  '}',
  'let x = 1;',
  '\tlet x = 1;',
  'é “q”',
  'return;',
);
const eol = fc.constantFrom('\n', '\r\n');
const file = fc.record({
  bom: fc.boolean(),
  lines: fc.array(fc.tuple(lineText, eol), { minLength: 1, maxLength: 25 }),
  finalNewline: fc.boolean(),
});
type File = typeof file extends fc.Arbitrary<infer T> ? T : never;

function textOf({ bom, lines, finalNewline }: File): string {
  const body = lines.map(([text, end], i) => text + (i === lines.length - 1 && !finalNewline ? '' : end)).join('');
  return (bom ? '\uFEFF' : '') + body;
}

const change = fc.record({
  at: fc.nat(),
  context: fc.nat({ max: 3 }),
  remove: fc.nat({ max: 3 }),
  insert: fc.array(fc.constantFrom('new line', '  other', '', 'a'), { maxLength: 3 }),
});

/** The lines of a file as the guard sees them; a last line that is empty and has no ending is no line. */
const linesOf = (content: string) => splitLines(content.replace(/^\uFEFF/, ''));

function hunkFor(
  texts: readonly string[],
  { at, context, remove, insert }: { at: number; context: number; remove: number; insert: string[] },
) {
  const start = at % (texts.length + 1);
  const end = Math.min(texts.length, start + remove);
  const before = texts.slice(Math.max(0, start - context), start);
  const after = texts.slice(end, end + context);
  const lines: HunkLine[] = [
    ...before.map((text): HunkLine => ({ op: 'keep', text })),
    ...texts.slice(start, end).map((text): HunkLine => ({ op: 'delete', text })),
    ...insert.map((text): HunkLine => ({ op: 'insert', text })),
    ...after.map((text): HunkLine => ({ op: 'keep', text })),
  ];
  return {
    start,
    end,
    old: lines.filter((line) => line.op !== 'insert').map((line) => line.text),
    hunk: { anchors: [], lines, atEnd: false } satisfies Hunk,
  };
}

const apply = (content: string, hunks: readonly Hunk[]) => {
  const files = memoryFiles({ 'f.txt': content, 'other.txt': 'kept\r\n' });
  return applyEdits({
    files,
    previous: null,
    edits: [{ kind: 'update', path: 'f.txt', moveTo: null, hunks }],
    summary: '',
  });
};

const written = (result: ReturnType<typeof apply>): string => {
  if (!result.ok) throw new Error('rejected');
  expect(result.changeSet.files.map((each) => each.path)).toEqual(['f.txt']);
  const [only] = result.changeSet.files;
  return only?.op === 'write' ? Buffer.from(only.contentBase64, 'base64').toString('utf8') : '';
};

const countOf = (texts: readonly string[], block: readonly string[]) =>
  texts.filter((_, i) => i + block.length <= texts.length && block.every((text, k) => texts[i + k] === text)).length;

describe('any file and any hunk copied from it', () => {
  test('the hunk is applied where it was copied from, or rejected; every other byte stays', () => {
    fc.assert(
      fc.property(file, change, (source, wanted) => {
        const content = textOf(source);
        const before = linesOf(content);
        const texts = before.map((line) => line.text);
        const { start, end, old, hunk } = hunkFor(texts, wanted);
        const result = apply(content, [hunk]);
        const expected = [...texts.slice(0, start), ...wanted.insert, ...texts.slice(end)];
        const noChange = expected.length === texts.length && expected.every((text, i) => text === texts[i]);
        const unique = old.length > 0 && countOf(texts, old) === 1;

        if (!result.ok) {
          const codes = result.rejections.map((rejection) => rejection.code);
          // Unique places are only refused where nothing would change or the lines are there already.
          if (unique && !noChange) expect(codes).toEqual(['ALREADY_APPLIED']);
          return;
        }
        const after = linesOf(written(result));
        if (expected.length > 0 && !source.finalNewline && expected.at(-1) === '') return;
        expect(after.map((line) => line.text)).toEqual(expected);
        expect(written(result).startsWith('\uFEFF')).toBe(source.bom);
        // Endings of untouched lines: all before the change, all behind it but the last of the file.
        expect(after.slice(0, Math.max(0, start - 1))).toEqual(before.slice(0, Math.max(0, start - 1)));
        const tail = texts.length - end;
        if (tail > 1) expect(after.slice(-tail)).toEqual(before.slice(-tail));
      }),
      { numRuns: 3_000 },
    );
  });

  test('a hunk that fits several places is never applied', () => {
    fc.assert(
      fc.property(file, change, (source, wanted) => {
        const content = textOf(source);
        const texts = linesOf(content).map((line) => line.text);
        const { old, hunk } = hunkFor(texts, wanted);
        fc.pre(old.length > 0 && countOf(texts, old) > 1);
        expect(apply(content, [hunk]).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test('one hunk that does not fit keeps all others from being applied', () => {
    fc.assert(
      fc.property(file, change, fc.boolean(), (source, wanted, first) => {
        const content = textOf(source);
        const { hunk } = hunkFor(
          linesOf(content).map((line) => line.text),
          wanted,
        );
        const stray: Hunk = { anchors: [], lines: [{ op: 'delete', text: 'nowhere in the file' }], atEnd: false };
        const result = apply(content, first ? [stray, hunk] : [hunk, stray]);
        expect(result.ok).toBe(false);
        if (!result.ok)
          expect(
            result.rejections.some((rejection) => rejection.hunk === (first ? 1 : 2) && rejection.code === 'NOT_FOUND'),
          ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a block that the model wrote with other indentation lands with the indentation of the file', () => {
    const body = fc.array(fc.constantFrom('one();', 'two();', '  deep();', '    deeper();'), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(body, fc.constantFrom('  ', '    ', '\t'), (lines, prefix) => {
        const inFile = ['class A {', `${prefix}start {`, ...lines.map((line) => prefix + line), `${prefix}}`, '}'];
        const hunk: Hunk = {
          anchors: [],
          lines: [
            { op: 'keep', text: 'start {' },
            { op: 'delete', text: lines[0] as string },
            { op: 'insert', text: 'inserted();' },
            { op: 'insert', text: '  nested();' },
            ...lines.slice(1).map((text): HunkLine => ({ op: 'keep', text })),
          ],
          atEnd: false,
        };
        const expected = [...inFile.slice(0, 2), `${prefix}inserted();`, `${prefix}  nested();`, ...inFile.slice(3)];
        expect(written(apply(`${inFile.join('\n')}\n`, [hunk]))).toBe(`${expected.join('\n')}\n`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('bytes', () => {
  test('whatever is UTF-8 is read and written back unchanged, and whatever is not is not read', () => {
    const utf8 = (bytes: Buffer) => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
    const anyText = fc
      .array(fc.oneof(fc.constantFrom('\r', '\n', '\r\n', '\uFEFF', 'é', '😀', 'x'), fc.string({ unit: 'binary' })))
      .map((parts) => Buffer.from(parts.join('').toWellFormed()));
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const decoded = decodeText(bytes);
          expect(decoded === null).toBe(!utf8(bytes));
          if (decoded) expect(encodeText(decoded).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('rounds', () => {
  test('a second change on top of the first gives the same as the file edited twice, relative to the base', () => {
    fc.assert(
      fc.property(file, change, change, (source, one, two) => {
        const content = textOf(source);
        const files = memoryFiles({ 'f.txt': content });
        const edit = (hunk: Hunk) => [{ kind: 'update' as const, path: 'f.txt', moveTo: null, hunks: [hunk] }];
        const first = applyEdits({
          files,
          previous: null,
          edits: edit(
            hunkFor(
              linesOf(content).map((line) => line.text),
              one,
            ).hunk,
          ),
          summary: '',
        });
        fc.pre(first.ok);
        if (!first.ok) return;
        const middle = written(first);
        const next = hunkFor(
          linesOf(middle).map((line) => line.text),
          two,
        ).hunk;
        const second = applyEdits({ files, previous: first.changeSet, edits: edit(next), summary: '' });
        const direct = applyEdits({
          files: memoryFiles({ 'f.txt': middle }),
          previous: null,
          edits: edit(next),
          summary: '',
        });
        if (second.ok) expect(written(second)).toBe(written(direct));
        // Back at the base there is no change to publish; otherwise both agree.
        else if (direct.ok) expect([second.rejections[0]?.code, written(direct)]).toEqual(['NO_CHANGE', content]);
      }),
      { numRuns: 1_000 },
    );
  });
});
