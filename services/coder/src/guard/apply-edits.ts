/**
 * The guard: what stands between a model's edits and the repository. Takes the base commit, the change set of the
 * earlier rounds and the edits of this reply, and gives the new change set, cumulative and relative to the base
 * commit; or the reasons why not, and then nothing of the reply is in force.
 */
import type { ChangeSet, FileChange } from '@orchestrator/shared/contracts/change-set.ts';
import type { Edit } from '../reply/edit.ts';
import { type BaseFiles, CurrentTree } from './base-files.ts';
import { conflicts } from './conflicts.ts';
import { type EditResult, editFile } from './edit-file.ts';
import { GUARD_LIMITS, type GuardLimits } from './limits.ts';
import { type AppliedPart, complaint, type Rejection } from './rejection.ts';
import { sizeComplaint } from './size-limits.ts';

export interface GuardInput {
  readonly files: BaseFiles;
  readonly previous: ChangeSet | null;
  readonly edits: readonly Edit[];
  readonly summary: string;
  readonly limits?: GuardLimits;
}

export type GuardResult =
  | { readonly ok: true; readonly changeSet: ChangeSet }
  | { readonly ok: false; readonly rejections: readonly Rejection[]; readonly applied: readonly AppliedPart[] };

export function applyEdits({ files, previous, edits, summary, limits = GUARD_LIMITS }: GuardInput): GuardResult {
  const whole = (problem: {
    code: Rejection['code'];
    problem: string;
    nearest: Rejection['nearest'];
  }): GuardResult => ({
    ok: false,
    rejections: [{ path: null, hunk: null, ...problem }],
    applied: [],
  });
  if (previous && previous.baseCommit !== files.commit) {
    return whole(
      complaint('STALE_BASE', `The earlier change is based on ${previous.baseCommit}, not on ${files.commit}.`),
    );
  }
  const hunks = edits.reduce((sum, edit) => sum + (edit.kind === 'update' ? edit.hunks.length : 1), 0);
  if (hunks > limits.maxHunks)
    return whole(complaint('TOO_LARGE', `The reply holds ${hunks} hunks, more than ${limits.maxHunks}.`));

  const tree = new CurrentTree(files, previous);
  const results = edits.map((edit): EditResult => editFile(tree, edit, limits));
  const rejections = results.flatMap((result) => result.rejections).concat(conflicts(edits, results));
  if (rejections.length > 0) return { ok: false, rejections, applied: partsThatFit(results, rejections) };

  const changes = new Map((previous?.files ?? []).map((change) => [change.path, change]));
  for (const change of results.flatMap((result) => result.changes)) changes.set(change.path, change);
  const changed = [...changes.values()].filter((change) => differsFromBase(tree, change));
  const changeSet: ChangeSet = {
    baseCommit: files.commit,
    summary,
    files: changed.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  const tooLarge = sizeComplaint(changeSet, limits);
  if (tooLarge) return whole(tooLarge);
  if (changeSet.files.length === 0)
    return whole(complaint('NO_CHANGE', 'The edits leave every file as it is at the base commit.'));
  if (previous && sameFiles(previous, changeSet))
    return whole(complaint('SAME_CHANGE', 'The edits leave every file as the previous answer made it.'));
  return { ok: true, changeSet };
}

/** A file that is written back to what it was is not part of the change. */
function differsFromBase(tree: CurrentTree, change: FileChange): boolean {
  const base = tree.baseEntry(change.path);
  if (change.op === 'delete') return base !== null;
  if (base === null || base.mode !== change.mode) return true;
  return tree.base.content(change.path)?.toString('base64') !== change.contentBase64;
}

function sameFiles(previous: ChangeSet, next: ChangeSet): boolean {
  const key = (change: FileChange) =>
    change.op === 'write' ? `${change.path}\0${change.mode}\0${change.contentBase64}` : change.path;
  return (
    previous.files.length === next.files.length &&
    previous.files.every((change, i) => key(change) === key(next.files[i] as FileChange))
  );
}

function partsThatFit(results: readonly EditResult[], rejections: readonly Rejection[]): AppliedPart[] {
  const refusedWhole = new Set(
    rejections.filter((rejection) => rejection.hunk === null).map((rejection) => rejection.path),
  );
  return results.flatMap((result) => result.fitting).filter((part) => !refusedWhole.has(part.path));
}
