import type { Mirror, TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { MAX_FILE_BYTES, unreadableByContent } from '@orchestrator/shared/repo/unreadable.ts';
import { cleanMarkdown } from '@orchestrator/shared/text/clean-markdown.ts';
import { cleanText } from '@orchestrator/shared/text/clean-text.ts';

/** The texts of the files that a model may see. What it may not see is missing, with the reason in `refused`. */
export async function readableFiles(mirror: Mirror, commit: string, paths: readonly string[]) {
  const texts = new Map<string, string>();
  const refused = new Map<string, string>();
  for (const [path, bytes] of await mirror.readFiles(commit, paths, MAX_FILE_BYTES)) {
    const reason = unreadableByContent(bytes);
    if (reason) refused.set(path, reason);
    else texts.set(path, shown(path, bytes.toString('utf8')));
  }
  return { texts, refused };
}

/** Comments of a Markdown file are as invisible to people as those of a task. */
const shown = (path: string, text: string): string =>
  /\.(?:md|markdown)$/i.test(path) ? cleanMarkdown(text) : cleanText(text);

/** The first candidates whose bytes together stay below `maxBytes`. */
export function withinBytes(
  candidates: readonly string[],
  sizes: ReadonlyMap<string, TreeFile>,
  maxBytes: number,
): string[] {
  let left = maxBytes;
  return candidates.filter((path) => {
    left -= sizes.get(path)?.size ?? 0;
    return left >= 0;
  });
}
