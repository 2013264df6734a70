import type { Heading, ListItem } from 'mdast';
import { type Block, readBlocks } from './blocks.ts';
import { type FoundMarker, findMarkers } from './find-markers.ts';
import { lineOf, type Span, spanOf, textWithout } from './located.ts';
import { type Finding, finding } from './problem.ts';

/** What the file offers as a task, before its values are read. */
export interface Entry {
  readonly kind: 'section' | 'item';
  readonly title: string;
  /** Of the heading or the list item. */
  readonly line: number;
  /** Where that begins in the text. */
  readonly start: number;
  /** Everything below the title. */
  readonly content: Span;
  /** Markers where they count. */
  readonly markers: readonly FoundMarker[];
  /** Markers below the first sub-heading, where they do not. */
  readonly late: readonly FoundMarker[];
  /** The blocks of `content`. */
  readonly blocks: readonly Block[];
  /** A checked box. */
  readonly checked: boolean;
}

interface OpenSection {
  readonly head: Block & { readonly node: Heading };
  readonly title: string;
  readonly blocks: Block[];
}

/**
 * Walks the file and yields its entries in order: sections under "## Task: title", and the boxes of plain lists outside
 * of them. Returns what is wrong outside of any entry, and whether the file was read to its end.
 */
export function* readEntries(text: string): Generator<Entry, { findings: Finding[]; complete: boolean }> {
  const findings: Finding[] = [];
  let section: OpenSection | null = null;
  const blocks = readBlocks(text);
  for (let step = blocks.next(); ; step = blocks.next()) {
    if (step.done) {
      // What was cut off may belong to the last section: it is not complete either.
      if (section && !step.value) yield closeSection(text, section, text.length);
      return { findings: step.value ? [...findings, step.value] : findings, complete: !step.value };
    }
    const block = step.value;
    const { node } = block;
    if (node.type === 'heading' && node.depth <= 2) {
      if (section) yield closeSection(text, section, spanOf(node, block).start);
      section = null;
      const title = node.depth === 2 ? taskTitle(text, block) : null;
      if (title !== null) section = { head: { ...block, node }, title, blocks: [] };
      else findings.push(...strays(findMarkers(text, block)));
    } else if (section) {
      section.blocks.push(block);
    } else if (node.type === 'list') {
      for (const item of node.children) {
        if (typeof item.checked === 'boolean') yield listEntry(text, block, item);
        else findings.push(...strays(findMarkers(text, block, item)));
      }
    } else {
      findings.push(...strays(findMarkers(text, block)));
    }
  }
}

/** The title of a "## Task: title" heading; null for any other heading. */
function taskTitle(text: string, block: Block): string | null {
  const span = spanOf(block.node, block);
  const source = textWithout(text, span, findMarkers(text, block));
  const match = /^\s*##[ \t]+task[ \t]*:(.*?)(?:[ \t]+#+)?[ \t]*$/i.exec(source);
  return match ? (match[1] as string).trim().replace(/\s+/g, ' ') : null;
}

function closeSection(text: string, { head, title, blocks }: OpenSection, end: number): Entry {
  const firstSub = blocks.findIndex(({ node }) => node.type === 'heading');
  const early = firstSub < 0 ? blocks : blocks.slice(0, firstSub);
  const late = firstSub < 0 ? [] : blocks.slice(firstSub);
  return {
    kind: 'section',
    title,
    line: lineOf(head.node, head),
    start: spanOf(head.node, head).start,
    content: { start: spanOf(head.node, head).end, end },
    markers: [head, ...early].flatMap((block) => findMarkers(text, block)),
    late: late.flatMap((block) => findMarkers(text, block)),
    blocks,
    checked: false,
  };
}

function listEntry(text: string, block: Block, item: ListItem): Entry {
  const markers = findMarkers(text, block, item);
  const head = item.children[0];
  const title = head ? textWithout(text, spanOf(head, block), markers).trim().replace(/\s+/g, ' ') : '';
  return {
    kind: 'item',
    title,
    line: lineOf(item, block),
    start: spanOf(item, block).start,
    content: { start: head ? spanOf(head, block).start : spanOf(item, block).end, end: spanOf(item, block).end },
    markers,
    late: [],
    blocks: item.children.slice(1).map((node) => ({ ...block, node: node as Block['node'] })),
    checked: item.checked === true,
  };
}

const strays = (markers: readonly FoundMarker[]): Finding[] =>
  markers.map((marker) =>
    finding('MARKER_MISPLACED', marker, {
      name: marker.text.trim().slice(0, 60),
      reason: 'it belongs to no task',
      advice: 'Begin the task with a heading such as "## Task: title", or with "- [ ] title" in a list.',
    }),
  );
