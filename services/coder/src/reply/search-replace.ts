import { diffArrays } from 'diff';
import type { Edit, HunkLine, ParsedSection } from './edit.ts';
import { pathOfLine } from './path-line.ts';

const OPEN = /^(?:<{5,9}|-{5,9}) ?(?:SEARCH|ORIGINAL)\b>?:?\s*(.*?)\s*$/;
const DIVIDER = /^={5,9}\s*$/;
const CLOSE = /^(?:>{5,9}|\+{5,9}) ?(?:REPLACE|UPDATED)\b.*$/;
/** Beyond this many differing lines the block is taken as all deleted and all inserted: the result is the same. */
const MAX_DIFFERENCES = 2_000;

export const startsSearchReplace = (line: string): boolean => OPEN.test(line);

/** Reads one SEARCH/REPLACE block whose opening marker is at `start`. `path`: named before the block, null if none. */
export function parseSearchReplace(lines: readonly string[], start: number, path: string | null): ParsedSection {
  const own = OPEN.exec(lines[start] ?? '')?.[1] ?? '';
  const target = (own === '' ? null : pathOfLine(own)) ?? path;
  const close = lines.findIndex((line, i) => i > start && CLOSE.test(line));
  const reopened = lines.findIndex((line, i) => i > start && OPEN.test(line));
  if (close < 0 || (reopened >= 0 && reopened < close)) {
    return broken(target, 'A SEARCH block has no ">>>>>>> REPLACE" line.', reopened >= 0 ? reopened : lines.length);
  }
  const dividers: number[] = [];
  for (let i = start + 1; i < close; i++) if (DIVIDER.test(lines[i] ?? '')) dividers.push(i);
  const next = close + 1;
  if (dividers.length === 0)
    return broken(target, 'A SEARCH block has no "=======" line between its two halves.', next);
  if (dividers.length > 1) {
    return broken(
      target,
      'A SEARCH block holds several "=======" lines, so its halves cannot be told apart: use a patch for this place.',
      next,
    );
  }
  if (target === null) {
    return {
      edits: [],
      problems: [{ path: null, code: 'NO_PATH', problem: 'A SEARCH block has no path on the line before it.' }],
      next,
    };
  }
  const divider = dividers[0] as number;
  return {
    edits: [toEdit(target, lines.slice(start + 1, divider), lines.slice(divider + 1, close))],
    problems: [],
    next,
  };
}

function toEdit(path: string, search: readonly string[], replace: readonly string[]): Edit {
  if (search.every((line) => line.trim() === '')) return { kind: 'write', path, intent: 'create', lines: replace };
  return {
    kind: 'update',
    path,
    moveTo: null,
    hunks: [{ anchors: [], lines: toHunkLines(search, replace), atEnd: false }],
  };
}

/** Lines that stand in both halves are kept lines, so that they keep the file's own bytes. */
function toHunkLines(search: readonly string[], replace: readonly string[]): HunkLine[] {
  const parts = diffArrays([...search], [...replace], { maxEditLength: MAX_DIFFERENCES });
  if (parts === undefined) {
    return [
      ...search.map((text): HunkLine => ({ op: 'delete', text })),
      ...replace.map((text): HunkLine => ({ op: 'insert', text })),
    ];
  }
  return parts.flatMap((part) =>
    part.value.map((text): HunkLine => ({ op: part.added ? 'insert' : part.removed ? 'delete' : 'keep', text })),
  );
}

const broken = (path: string | null, problem: string, next: number): ParsedSection => ({
  edits: [],
  problems: [{ path, code: 'MALFORMED_BLOCK', problem }],
  next,
});
