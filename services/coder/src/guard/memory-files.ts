import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { BaseEntry, BaseFiles } from './base-files.ts';

type Content = string | Buffer | { readonly mode: BaseEntry['mode']; readonly content?: string | Buffer };

/** A base commit held in memory, for tests and benchmarks. */
export function memoryFiles(contents: Readonly<Record<string, Content>>): BaseFiles {
  const bytes = new Map<string, Buffer>();
  const tree = Object.entries(contents).map(([path, content]): BaseEntry => {
    const plain = typeof content === 'string' || Buffer.isBuffer(content);
    const buffer = Buffer.from((plain ? content : content.content) ?? '');
    bytes.set(path, buffer);
    return { path, mode: plain ? '100644' : content.mode, size: buffer.length };
  });
  const regular = new Set(tree.filter((entry) => entry.mode.startsWith('100')).map((entry) => entry.path));
  return { commit: 'a'.repeat(40), tree, content: (path) => (regular.has(path) ? (bytes.get(path) ?? null) : null) };
}

/** The regular files of the base with a change set applied, as text. */
export function contentsAfter(base: BaseFiles, changeSet: ChangeSet | null): Record<string, string> {
  const after = new Map(
    base.tree.flatMap(({ path }) => {
      const content = base.content(path);
      return content === null ? [] : [[path, content.toString('utf8')] as const];
    }),
  );
  for (const change of changeSet?.files ?? []) {
    if (change.op === 'delete') after.delete(change.path);
    else after.set(change.path, Buffer.from(change.contentBase64, 'base64').toString('utf8'));
  }
  return Object.fromEntries(after);
}
