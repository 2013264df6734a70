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

/** The text of a span without the parts in `cut`, which are in order. A line that a cut leaves blank goes with it. */
export function textWithout(text: string, { start, end }: Span, cut: readonly Span[]): string {
  const kept: string[] = [];
  let from = start;
  for (const part of cut) {
    if (part.start < from || part.end > end) continue;
    const lineStart = Math.max(text.lastIndexOf('\n', part.start - 1) + 1, from);
    const lineEnd = text.indexOf('\n', part.end);
    const alone =
      /^\s*$/.test(text.slice(lineStart, part.start)) && lineEnd >= 0 && /^\s*$/.test(text.slice(part.end, lineEnd));
    kept.push(text.slice(from, alone ? lineStart : part.start));
    from = alone ? Math.min(lineEnd + 1, end) : part.end;
  }
  kept.push(text.slice(from, end));
  return kept.join('');
}
