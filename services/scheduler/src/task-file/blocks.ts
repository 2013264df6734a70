import type { Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';
import { type Finding, finding } from './problem.ts';

/** A top-level block of the file. Positions inside `node` are relative to `offset` and `line`. */
export interface Block {
  readonly node: RootContent;
  /** Where the node's piece begins in the text. */
  readonly offset: number;
  /** Lines before that piece. */
  readonly line: number;
}

/** Longer pieces are not parsed: the parser's time grows with the square of their length. */
export const MAX_PIECE_CHARACTERS = 262_144;
const MAX_LIST_DEPTH = 32;
/** A list of thousands of items is cut between items once a piece is this long. */
const LONG_PIECE_CHARACTERS = 8_192;

const HEADING_OR_ITEM = /^(?: {0,3}#{1,2}(?=[ \t\n]|$)|[-+*] \[[ xX]\](?=[ \t]))/gm;
const DEEP = new RegExp(
  // A thematic break (- - - -) looks like nested lists and is none.
  `^(?![ \\t]*([-*_])(?:[ \\t]*\\1)*[ \\t]*$)(?:[ \\t]*(?:[-+*]|\\d{1,9}[.)])[ \\t]){${MAX_LIST_DEPTH}}`,
  'm',
);
const TASK_HEADING = /^ {0,3}##[ \t]+task[ \t]*:.*$/im;

/** Inline text is left alone (comments.ts reads it), and headings are the ones written with #. */
const BLOCKS_ONLY = {
  disable: {
    null: [
      ...['attention', 'autolink', 'blockQuote', 'characterEscape', 'characterReference', 'codeText', 'definition'],
      ...['hardBreakEscape', 'htmlText', 'labelEnd', 'labelStartImage', 'labelStartLink', 'setextUnderline'],
    ],
  },
};
export const BLOCK_SYNTAX = {
  extensions: [BLOCKS_ONLY, gfmTaskListItem()],
  mdastExtensions: [gfmTaskListItemFromMarkdown()],
};

/**
 * The top-level blocks of a Markdown text in order. The text is parsed in pieces that begin at headings and at boxes of a
 * list; the syntax tree itself says whether the next piece really begins a block or still belongs to a fence or a comment,
 * in which case the pieces are joined. Returns what kept it from reading to the end, if anything did.
 */
export function* readBlocks(text: string): Generator<Block, Finding | undefined> {
  const starts = pieceStarts(text);
  let line = 0;
  let joinedFrom: number | undefined;
  for (let at = 0, count = 1; at < starts.length - 1; ) {
    const end = Math.min(at + count, starts.length - 1);
    const offset = starts[at] as number;
    const piece = text.slice(offset, starts[end]);
    const tooMuch = refuse(piece, line, joinedFrom);
    if (tooMuch) return tooMuch;

    const next = text.slice(starts[end], (starts[end] as number) + 8).split('\n', 1)[0] || '# end';
    const tree = fromMarkdown(`${piece}${piece.endsWith('\n') ? '' : '\n'}${next}`, BLOCK_SYNTAX);
    const closed = cutBefore(tree, piece.length + (piece.endsWith('\n') ? 0 : 1));
    if (!closed && end < starts.length - 1) {
      joinedFrom ??= line + (tree.children.at(-1)?.position?.start.line ?? 1);
      count *= 2;
      continue;
    }
    for (const node of tree.children) yield { node, offset, line };
    if (!closed) return swallowed(piece, tree, line);
    line += newlines(piece);
    at = end;
    count = 1;
    joinedFrom = undefined;
  }
  return undefined;
}

function pieceStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: match } of text.matchAll(HEADING_OR_ITEM)) {
    if (index === 0) continue;
    if (match.includes('#') || index - (starts.at(-1) as number) > LONG_PIECE_CHARACTERS) starts.push(index);
  }
  starts.push(text.length);
  return starts;
}

function refuse(piece: string, line: number, joinedFrom: number | undefined): Finding | undefined {
  if (piece.length > MAX_PIECE_CHARACTERS) {
    return finding('SECTION_TOO_LONG', { line: joinedFrom ?? line + 1 }, { limit: MAX_PIECE_CHARACTERS });
  }
  const deep = DEEP.exec(piece);
  if (!deep) return undefined;
  return finding(
    'SECTION_TOO_DEEP',
    { line: line + 1 + newlines(piece.slice(0, deep.index)) },
    { limit: MAX_LIST_DEPTH },
  );
}

/** Removes what begins at `end`. False: nothing begins there, the last block goes on. */
function cutBefore(tree: Root, end: number): boolean {
  const last = tree.children.at(-1);
  if (last?.position?.start.offset === end) {
    tree.children.pop();
    return true;
  }
  if (last?.type === 'list' && last.children.at(-1)?.position?.start.offset === end) {
    last.children.pop();
    return true;
  }
  return false;
}

/** An open fence at the end of a file is Markdown; it is a mistake where it hides tasks. */
function swallowed(piece: string, tree: Root, line: number): Finding | undefined {
  const start = tree.children.at(-1)?.position?.start;
  const hidden = TASK_HEADING.exec(piece.slice(start?.offset ?? 0));
  if (!start || !hidden) return undefined;
  return finding('SECTION_UNCLOSED', { line: line + start.line }, { swallowed: hidden[0].trim().slice(0, 80) });
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
