import { diffArrays } from 'diff';
import { isElision } from '../reply/elision.ts';
import { type Complaint, complaint } from './rejection.ts';
import { dominantEol, settleEndings, type TextFile, type TextLine } from './text-file.ts';
import { forbiddenText } from './written-text.ts';

/** A file of at least this many lines is not replaced by less than a quarter of them: that is an excerpt, not the file. */
const SHRINK_FROM_LINES = 40;
const SHRINK_FACTOR = 4;
const MAX_DIFFERENCES = 5_000;

/** The file with `lines` as its whole content: BOM, line endings and the end of the file stay as they were. */
export function replaceWhole(
  before: TextFile,
  lines: readonly string[],
  path: string,
  maxLineBytes: number,
): TextFile | Complaint {
  const known = new Set(before.lines.map((line) => line.text.trim()));
  for (const text of lines) {
    if (known.has(text.trim())) continue;
    const problem = forbiddenText(text, maxLineBytes);
    if (problem) return problem;
    if (isElision(text, path)) {
      return complaint(
        'ELISION',
        `The line "${text.trim()}" stands for code that was left out. Give the whole file, or a patch of the lines that change.`,
      );
    }
  }
  if (before.lines.length >= SHRINK_FROM_LINES && lines.length * SHRINK_FACTOR < before.lines.length) {
    return complaint(
      'WHOLE_FILE_SHRINKS',
      `The block has ${lines.length} lines and ${path} has ${before.lines.length}: it looks like an excerpt. Send a patch of the lines that change.`,
    );
  }
  return { bom: before.bom, lines: settleEndings(withEndings(before.lines, lines), before.lines) };
}

function withEndings(before: readonly TextLine[], lines: readonly string[]): TextLine[] {
  const eol = dominantEol(before);
  const plain = () => lines.map((text): TextLine => ({ text, eol }));
  if (before.every((line) => line.eol === eol || line.eol === '')) return plain();
  // Mixed endings: a line that is in both keeps its own.
  const parts = diffArrays(
    before.map((line) => line.text),
    [...lines],
    { maxEditLength: MAX_DIFFERENCES },
  );
  if (parts === undefined) return plain();
  let at = 0;
  return parts.flatMap((part) => {
    if (part.added) return part.value.map((text): TextLine => ({ text, eol }));
    const own = before.slice(at, at + part.value.length);
    at += part.value.length;
    return part.removed ? [] : own;
  });
}
