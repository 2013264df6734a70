import fc from 'fast-check';
import type { RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it } from 'vitest';
import { BLOCK_SYNTAX, type Block, MAX_PIECE_CHARACTERS, readBlocks } from './blocks.ts';

function read(text: string) {
  const blocks: Block[] = [];
  const steps = readBlocks(text);
  for (;;) {
    const step = steps.next();
    if (step.done) return { blocks, stopped: step.value };
    blocks.push(step.value);
  }
}

/** What decides where tasks begin and end: headings, boxes and their lines. */
function outline(node: RootContent, offset: number, line: number): string[] {
  const at = `${offset + (node.position?.start.offset ?? 0)}:${line + (node.position?.start.line ?? 0)}`;
  if (node.type === 'list')
    return node.children.map((item) => `item ${item.checked} ${offset + (item.position?.start.offset ?? 0)}`);
  return [`${node.type}${node.type === 'heading' ? node.depth : ''} ${at}`];
}

const long = `${'y'.repeat(8_300)}\n\n`;
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '# a\n',
        '## b\n',
        ' ## c\n',
        '    ## d\n',
        '### e\n',
        '##\n',
        'text\n',
        '\n',
        '```\n',
        '````\n',
        '~~~ x\n',
        '  ```\n',
      ),
      fc.constantFrom(
        '- [ ] one\n',
        '- [x] two\n',
        '* [ ] three\n',
        '- \n',
        '1. n\n',
        '  - [ ] inner\n',
        '   indented\n',
        '\tx\n',
        '> q\n',
        '---\n',
        '- ```\n',
      ),
      fc.constantFrom(
        '<!--\n',
        '-->\n',
        '<!-- c -->\n',
        '<div>\n',
        '</div>\n',
        '<script>\n',
        '</script>\n',
        '<![CDATA[\n',
        ']]>\n',
        '<?\n',
        '?>\n',
        long,
      ),
    ),
    { maxLength: 25 },
  )
  .map((lines) => lines.join(''));

describe('reading in pieces', () => {
  it('gives the blocks that reading as a whole gives', () => {
    fc.assert(
      fc.property(text, (source) => {
        const { blocks, stopped } = read(source);
        const whole = fromMarkdown(source, BLOCK_SYNTAX).children.flatMap((node) => outline(node, 0, 0));
        expect(stopped).toBeUndefined();
        expect(blocks.flatMap(({ node, offset, line }) => outline(node, offset, line))).toEqual(whole);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['ten thousand sections', '## a\n\ntext\n\n'.repeat(10_000)],
    ['ten thousand boxes', '- [ ] a\n'.repeat(10_000)],
    ['ten thousand underlined lines', 'a\n===\n'.repeat(10_000)],
    ['a million characters without a break', `${'a'.repeat(200_000)}\n# x\n`.repeat(5)],
    ['a fence over ten thousand headings', `\`\`\`\n${'# x\n'.repeat(10_000)}\`\`\`\n`],
    ['unclosed brackets', '['.repeat(200_000)],
    ['unclosed comments', `a ${'<!-- '.repeat(40_000)}`],
    ['backticks of all lengths', Array.from({ length: 500 }, (_, i) => '`'.repeat(i + 1)).join(' ')],
    ['quotes in quotes', '> '.repeat(100_000)],
    ['a rule of dashes', '- '.repeat(50_000)],
  ])('takes moments for %s', (_name, source) => {
    const began = performance.now();
    expect(read(source).stopped).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it.each([
    ['SECTION_TOO_DEEP', `# a\n\n${'- '.repeat(10_000)}a\n`, 3],
    ['SECTION_TOO_DEEP', `# a\n\n${'1) '.repeat(10_000)}a\n`, 3],
    ['SECTION_TOO_LONG', `# a\n\n## b\n${'x'.repeat(MAX_PIECE_CHARACTERS)}\n`, 3],
    ['SECTION_TOO_LONG', `# a\n\n## b\ntext\n\n~~~\n${'# x\n'.repeat(MAX_PIECE_CHARACTERS / 4)}`, 6],
  ])('stops with %s where reading on would take minutes', (code, source, line) => {
    expect(read(source).stopped).toMatchObject({ code, line });
  });
});
