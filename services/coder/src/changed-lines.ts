import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { diffArrays } from 'diff';
import type { BaseFiles } from './guard/base-files.ts';

/** Beyond this many differing lines a file counts as rewritten. */
const MAX_DIFFERENCES = 5_000;

/** Lines that a change set adds to and deletes from its base. */
export function changedLines(
  changeSet: ChangeSet,
  base: BaseFiles,
): { readonly addedLines: number; readonly deletedLines: number } {
  let addedLines = 0;
  let deletedLines = 0;
  for (const change of changeSet.files) {
    const before = linesOf(base.content(change.path));
    const after = change.op === 'write' ? linesOf(Buffer.from(change.contentBase64, 'base64')) : [];
    const parts = diffArrays(before, after, { maxEditLength: MAX_DIFFERENCES });
    addedLines += parts?.reduce((sum, part) => sum + (part.added ? part.value.length : 0), 0) ?? after.length;
    deletedLines += parts?.reduce((sum, part) => sum + (part.removed ? part.value.length : 0), 0) ?? before.length;
  }
  return { addedLines, deletedLines };
}

function linesOf(bytes: Buffer | null): string[] {
  if (bytes === null || bytes.length === 0) return [];
  return bytes.toString('latin1').replace(/\n$/, '').split('\n');
}
