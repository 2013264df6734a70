import type { FileChange } from '../contracts/change-set.ts';
import { caseKey, foldersOf, unsafePath } from './change-path.ts';
import type { TreeFile } from './mirror.ts';
import { isRegular } from './tree.ts';

export interface ChangeConflict {
  readonly path: string;
  readonly problem: string;
}

/** The first reason why the changes cannot be applied to the tree, or null. Pure. */
export function findConflict(files: readonly FileChange[], tree: readonly TreeFile[]): ChangeConflict | null {
  const before = new Map(tree.map((file) => [file.path, file]));
  const seen = new Set<string>();
  for (const { path, op } of files) {
    const problem =
      unsafePath(path) ?? (seen.has(path) ? 'is changed twice' : null) ?? conflictWithTree(op, path, before);
    if (problem !== null) return { path, problem };
    seen.add(path);
  }
  return conflictInResult(files, before);
}

function conflictWithTree(op: FileChange['op'], path: string, before: ReadonlyMap<string, TreeFile>): string | null {
  const there = before.get(path);
  if (there?.mode === '160000') return 'is a submodule';
  if (op === 'delete') return there === undefined ? 'is deleted but does not exist' : null;
  if (there !== undefined && !isRegular(there)) return 'is a symbolic link';
  for (const folder of foldersOf(path)) {
    const mode = before.get(folder)?.mode;
    if (mode === '120000') return `lies behind the symbolic link ${folder}`;
    if (mode === '160000') return `lies in the submodule ${folder}`;
  }
  return null;
}

/** A name that is both file and folder, or that another name equals but for its case. */
function conflictInResult(files: readonly FileChange[], before: ReadonlyMap<string, TreeFile>): ChangeConflict | null {
  const written = files.filter((file) => file.op === 'write').map((file) => file.path);
  const result = new Set(before.keys());
  for (const file of files) if (file.op === 'delete') result.delete(file.path);
  for (const path of written) result.add(path);
  const folders = new Set<string>();
  const names = new Map<string, Set<string>>();
  for (const path of result) {
    for (const name of [path, ...foldersOf(path)]) {
      if (name !== path) folders.add(name);
      const key = caseKey(name);
      names.set(key, (names.get(key) ?? new Set()).add(name));
    }
  }
  for (const path of written) {
    if (folders.has(path)) return { path, problem: 'is a folder' };
    for (const folder of foldersOf(path))
      if (result.has(folder)) return { path, problem: `needs a folder where the file ${folder} is` };
    for (const name of [path, ...foldersOf(path)]) {
      const other = [...(names.get(caseKey(name)) ?? [])].find((same) => same !== name);
      if (other !== undefined)
        return { path, problem: `differs from ${other} only in upper and lower case or Unicode form` };
    }
  }
  return null;
}
