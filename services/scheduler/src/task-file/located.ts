import type { Nodes } from 'mdast';
import type { Block } from './blocks.ts';
import type { Place } from './problem.ts';

/** A stretch of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const spanOf = (node: Nodes, { offset }: Pick<Block, 'offset'>): Span => ({
  start: offset + (node.position?.start.offset ?? 0),
  end: offset + (node.position?.end.offset ?? 0),
});

export const lineOf = (node: Nodes, { line }: Pick<Block, 'line'>): number => line + (node.position?.start.line ?? 1);

/** The place of a character within a span whose first line is known. */
export function placeAt(text: string, at: number, span: Span, firstLine: number): Place {
  let line = firstLine;
  for (let feed = text.indexOf('\n', span.start); feed >= 0 && feed < at; feed = text.indexOf('\n', feed + 1))
    line += 1;
  return { line, column: at - text.lastIndexOf('\n', at - 1) };
}

/** The text of a span without the parts in `cut`, which are in order. A line that the cuts leave blank goes with them. */
export function textWithout(text: string, { start, end }: Span, cut: readonly Span[]): string {
  let kept = '';
  /** Of the line that the last part was on: what was kept of it. */
  let ofLine = '';
  let from = start;
  for (const part of cut) {
    if (part.start < from || part.end > end) continue;
    const lineStart = Math.max(text.lastIndexOf('\n', part.start - 1) + 1, start);
    const before = lineStart <= from ? ofLine + text.slice(from, part.start) : text.slice(lineStart, part.start);
    const lineEnd = text.indexOf('\n', part.end);
    const alone = before.trim() === '' && lineEnd >= 0 && text.slice(part.end, lineEnd).trim() === '';
    kept += text.slice(from, part.start);
    if (alone) kept = kept.slice(0, kept.length - before.length);
    from = alone ? Math.min(lineEnd + 1, end) : part.end;
    ofLine = alone ? '' : before;
  }
  return kept + text.slice(from, end);
}
