import { posix } from 'node:path';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Block } from './blocks.ts';
import { blocksUnder } from './criteria.ts';
import { lineOf, spanOf } from './located.ts';
import { type Finding, finding } from './problem.ts';

const MAX_DOCUMENTS = 100;
const MAX_BLOCK_CHARACTERS = 4_096;
const URL = /^[a-z][a-z0-9+.-]*:|^\/\/|^#/i;
const LOOKS_LIKE_PATH = /^[^\s()[\]{}"'<>]*[./\\][^\s()[\]{}"'<>]*$/;
const MAX_WORD_CHARACTERS = 300;
/** `src/a`, `src/`, `README.md`, `a/b.c`, but no e.g., no 1.21 and no and/or. */
const BARE_PATH =
  /(?:\.{1,2}\/)*(?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*\.[A-Za-z][A-Za-z0-9]{1,9}\b|(?:\.{1,2}\/)*(?:[\w@.+-]+\/)+(?:[\w@.+-]*\w)?/g;

/**
 * The paths that "Related Documentation" names: as links, in backticks, or bare. Relative to the repository's root, but a
 * path that begins with ./ or ../ is relative to the task file, as it is where the file is shown.
 */
export function documentsOf(
  text: string,
  blocks: readonly Block[],
  file: string,
): { documents: string[]; findings: Finding[] } {
  const documents = new Set<string>();
  const findings: Finding[] = [];
  for (const block of blocksUnder(text, blocks, 'Related Documentation')) {
    if (block.node.type === 'code' || block.node.type === 'html') continue;
    const { start, end } = spanOf(block.node, block);
    for (const named of pathsIn(text.slice(start, end))) {
      const path = insideRepository(named, file);
      if (path === null)
        findings.push(finding('PATH_OUTSIDE', { line: lineOf(block.node, block) }, { path: named.slice(0, 200) }));
      else if (path !== '') documents.add(path);
    }
  }
  return { documents: [...documents].slice(0, MAX_DOCUMENTS), findings };
}

function pathsIn(markdown: string): string[] {
  const paths: string[] = [];
  // Inline Markdown can take quadratic time, so it is read in short stretches of whole lines.
  for (const stretch of stretches(markdown)) {
    visit(fromMarkdown(stretch), (node) => {
      if (node.type === 'link') paths.push(...linkTarget(node.url));
      else if (node.type === 'inlineCode')
        paths.push(...(LOOKS_LIKE_PATH.test(node.value) ? linkTarget(node.value) : []));
      else if (node.type === 'text') paths.push(...barePaths(node.value));
      return node.type !== 'link';
    });
  }
  return paths;
}

function* stretches(markdown: string): Generator<string> {
  let stretch = '';
  for (const line of markdown.split('\n')) {
    if (stretch.length + line.length > MAX_BLOCK_CHARACTERS && stretch !== '') {
      yield stretch;
      stretch = '';
    }
    stretch += `${line.slice(0, MAX_BLOCK_CHARACTERS)}\n`;
  }
  yield stretch;
}

function visit(node: Nodes, look: (node: Nodes) => boolean): void {
  if (look(node) && 'children' in node) for (const child of node.children) visit(child, look);
}

const linkTarget = (target: string): string[] =>
  URL.test(target) || target === '' ? [] : [unescapePath(target.replace(/[#?].*$/, ''))].filter(Boolean);

function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const barePaths = (words: string): string[] =>
  words
    .split(/\s+/)
    .filter(
      (word) => word.length <= MAX_WORD_CHARACTERS && !/^[a-z][a-z0-9+.-]*:\/\//i.test(word.replace(/^[(<"']+/, '')),
    )
    .flatMap((word) => word.match(BARE_PATH) ?? [])
    .filter((path) => /\.[A-Za-z]\w*$/.test(path) || path.endsWith('/') || path.split('/').length > 2);

/** Normalised; null: it leaves the repository; empty: the root itself. A leading slash is the repository's root. */
function insideRepository(named: string, file: string): string | null {
  if (/^(?:~|[A-Za-z]:)/.test(named)) return null;
  const path = named.replaceAll('\\', '/').replace(/^\/+/, '');
  const joined = posix.normalize(/^\.{1,2}\//.test(path) ? posix.join(posix.dirname(file), path) : path);
  if (joined === '..' || joined.startsWith('../')) return null;
  return joined === '.' ? '' : joined.replace(/\/$/, '');
}
