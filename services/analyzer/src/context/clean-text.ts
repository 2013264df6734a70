import { fromMarkdown } from 'mdast-util-from-markdown';
import { visit } from 'unist-util-visit';
import { maskSecrets } from './mask-secrets.ts';

/** Characters that a reader does not see but a model reads: zero width, tags, variation selectors, bidirectional controls. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

/** Text as a person sees it, with secrets masked. Line ends become \n. */
export function cleanText(text: string): string {
  return maskSecrets(text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '').replace(CONTROL, ''));
}

/** As cleanText, and without HTML comments, other than those that are shown as code. */
export function cleanMarkdown(text: string): string {
  const visible = cleanText(text);
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
