import { estimateTokens } from './estimate-tokens.ts';

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: string[];
  count: number;
}

/**
 * The tree as indented text that fits `maxTokens`: the same commit gives the same bytes. Where it does not fit, the
 * deepest folders are closed first and show how many files they hold.
 */
export async function repositoryMap(paths: readonly string[], maxTokens: number): Promise<string> {
  const root = folderOf(paths);
  const deepest = paths.reduce((most, path) => Math.max(most, path.split('/').length), 1);
  for (let depth = deepest; depth >= 1; depth -= 1) {
    const text = render(root, depth);
    // Three bytes a token is certain enough to skip the count of a map that is far too long.
    if (text.length < maxTokens * 12 && (await estimateTokens(text)) <= maxTokens) return text;
  }
  return cutLines(render(root, 1), maxTokens);
}

function folderOf(paths: readonly string[]): Folder {
  const root: Folder = { folders: new Map(), files: [], count: 0 };
  for (const path of paths) {
    const names = path.split('/');
    const file = names.pop() as string;
    let at = root;
    at.count += 1;
    for (const name of names) {
      const next: Folder = at.folders.get(name) ?? { folders: new Map(), files: [], count: 0 };
      at.folders.set(name, next);
      next.count += 1;
      at = next;
    }
    at.files.push(file);
  }
  return root;
}

function render(root: Folder, maxDepth: number): string {
  const lines: string[] = [];
  const walk = (folder: Folder, depth: number): void => {
    const indent = '  '.repeat(depth);
    for (const [name, inner] of [...folder.folders].sort(byName)) {
      if (depth + 1 >= maxDepth)
        lines.push(`${indent}${name}/ (${inner.count} ${inner.count === 1 ? 'file' : 'files'})`);
      else {
        lines.push(`${indent}${name}/`);
        walk(inner, depth + 1);
      }
    }
    for (const file of folder.files.toSorted()) lines.push(`${indent}${file}`);
  };
  walk(root, 0);
  return lines.join('\n');
}

async function cutLines(text: string, maxTokens: number): Promise<string> {
  const lines = text.split('\n');
  let kept = lines.length;
  const cut = () => [...lines.slice(0, kept), `(${lines.length - kept} more)`].join('\n');
  while (kept > 0 && (await estimateTokens(cut())) > maxTokens) kept = Math.floor(kept * 0.8);
  return cut();
}

const byName = ([a]: [string, Folder], [b]: [string, Folder]): number => (a < b ? -1 : a > b ? 1 : 0);
