import type { List, ListItem } from 'mdast';
import type { Block } from './blocks.ts';
import { inlineComments } from './comments.ts';
import type { Entry } from './entries.ts';
import { spanOf } from './located.ts';

const MAX_CRITERIA = 200;

/** The blocks below the sub-heading of that name, up to the next heading of its level or above. */
export function blocksUnder(text: string, blocks: readonly Block[], name: string): Block[] {
  const wanted: Block[] = [];
  let depth = 0;
  for (const block of blocks) {
    const { node } = block;
    if (node.type === 'heading' && (depth === 0 || node.depth <= depth)) {
      const { start, end } = spanOf(node, block);
      const title = text
        .slice(start, end)
        .replace(/^\s*#+|#+\s*$/g, '')
        .replace(/[:*_\s]+/g, ' ')
        .trim();
      depth = title.toLowerCase() === name.toLowerCase() ? node.depth : 0;
    } else if (depth > 0) {
      wanted.push(block);
    }
  }
  return wanted;
}

/** The bullets of "Success Criteria", nested ones included; its paragraphs where it has no bullets. */
export function criteriaOf(text: string, { kind, blocks }: Entry): string[] {
  const section = kind === 'item' ? blocks : blocksUnder(text, blocks, 'Success Criteria');
  const bullets = section.flatMap((block) => (block.node.type === 'list' ? bulletsOf(text, block, block.node) : []));
  const paragraphs = kind === 'item' ? [] : section.filter(({ node }) => node.type === 'paragraph');
  const found = bullets.length > 0 ? bullets : paragraphs.map((block) => plain(text, block, block.node));
  return found.filter((criterion) => criterion !== '').slice(0, MAX_CRITERIA);
}

function bulletsOf(text: string, block: Block, list: List): string[] {
  return list.children.flatMap((item: ListItem) => [
    item.children[0]?.type === 'paragraph' ? plain(text, block, item.children[0]) : '',
    ...item.children.flatMap((child) => (child.type === 'list' ? bulletsOf(text, block, child) : [])),
  ]);
}

function plain(text: string, block: Block, node: Parameters<typeof spanOf>[0]): string {
  const { start, end } = spanOf(node, block);
  let source = text.slice(start, end);
  for (const comment of inlineComments(source).reverse()) {
    source = source.slice(0, comment.start) + source.slice(comment.end);
  }
  return source.replace(/\s+/g, ' ').trim();
}
