import type { Nodes } from 'mdast';
import type { Block } from './blocks.ts';
import { htmlComments, inlineComments } from './comments.ts';
import { lineOf, placeAt, type Span, spanOf } from './located.ts';
import { isMarker, type Marker } from './markers.ts';

export interface FoundMarker extends Marker, Span {}

/** The markers of a block and of the blocks inside it. Code is not looked at. */
export function findMarkers(text: string, block: Block, node: Nodes = block.node): FoundMarker[] {
  if (node.type === 'html') return inSpan(text, block, node, htmlComments);
  if (node.type === 'paragraph' || node.type === 'heading') return inSpan(text, block, node, inlineComments);
  return 'children' in node ? node.children.flatMap((child) => findMarkers(text, block, child)) : [];
}

function inSpan(text: string, block: Block, node: Nodes, commentsOf: typeof htmlComments): FoundMarker[] {
  const span = spanOf(node, block);
  const slice = text.slice(span.start, span.end);
  // Most blocks have none.
  if (!slice.includes('<!--')) return [];
  return commentsOf(slice)
    .filter(({ value }) => isMarker(value))
    .map(({ start, end, value }) => ({
      ...placeAt(text, span.start + start, span, lineOf(node, block)),
      text: value,
      start: span.start + start,
      end: span.start + end,
    }));
}
