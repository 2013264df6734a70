import type { Edit } from '../reply/edit.ts';
import type { EditResult } from './edit-file.ts';
import { foldPath } from './path-rules.ts';
import { complaint, type Rejection } from './rejection.ts';

/** Edits of one reply that each are right and together are not: two for one path, or new paths that collide. */
export function conflicts(edits: readonly Edit[], results: readonly EditResult[]): Rejection[] {
  const rejections: Rejection[] = [];
  const refuse = (edit: Edit, code: Rejection['code'], problem: string) =>
    rejections.push({ path: edit.path, hunk: null, ...complaint(code, problem) });
  const touched = new Map<string, number>();
  const written = new Map<string, string>();
  results.forEach((result, i) => {
    const edit = edits[i] as Edit;
    for (const path of result.touches) {
      if (touched.has(path))
        refuse(
          edit,
          'CONFLICTING_EDITS',
          `The reply holds several edits of ${path}, such as a deletion and an update: send one.`,
        );
      touched.set(path, i);
    }
    for (const change of result.changes) {
      if (change.op === 'delete') continue;
      const twin = written.get(foldPath(change.path));
      if (twin !== undefined && twin !== change.path)
        refuse(edit, 'PATH_COLLISION', `${change.path} and ${twin} differ only in letter case.`);
      written.set(foldPath(change.path), change.path);
    }
  });
  results.forEach((result, i) => {
    for (const change of result.changes) {
      if (change.op === 'delete') continue;
      const above = parents(change.path)
        .map((parent) => written.get(foldPath(parent)))
        .find((path) => path !== undefined);
      if (above !== undefined)
        refuse(
          edits[i] as Edit,
          'PATH_COLLISION',
          `${above} would be a file and the folder of ${change.path} at once.`,
        );
    }
  });
  return rejections;
}

function parents(path: string): string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return found;
}
