import { fromMarkdown } from 'mdast-util-from-markdown';
import { visit } from 'unist-util-visit';
import { cleanText } from './clean-text.ts';
import type { WriteMask } from './secret-shapes.ts';

const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

/** Markdown as a reader of the page sees it: as cleanText, and without comments, other than those that are shown as code. */
export function cleanMarkdown(text: string, write?: WriteMask): string {
  const visible = cleanText(text, write);
  const cuts: { start: number; end: number }[] = [];
  visit(fromMarkdown(visible), 'html', (node) => {
    const start = node.position?.start.offset;
    const end = node.position?.end.offset;
    if (start === undefined || end === undefined) return;
    for (const comment of visible.slice(start, end).matchAll(COMMENT)) {
      cuts.push({ start: start + comment.index, end: start + comment.index + comment[0].length });
    }
  });
  let out = visible;
  for (const { start, end } of cuts.reverse()) out = out.slice(0, start) + out.slice(end);
  return out;
}
