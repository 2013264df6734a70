import type { FileChange } from '@orchestrator/shared/contracts/change-set.ts';
import { isBinaryFileSync } from 'isbinaryfile';
import type { Edit } from '../reply/edit.ts';
import { applyHunks } from './apply-hunks.ts';
import type { CurrentFile, CurrentTree } from './base-files.ts';
import type { GuardLimits } from './limits.ts';
import { type AppliedPart, type Complaint, complaint, type Rejection } from './rejection.ts';
import { resolveExisting, resolveTarget, resolveUpdated } from './resolve-path.ts';
import { decodeText, encodeText, type TextFile } from './text-file.ts';
import { replaceWhole } from './whole-text.ts';

/** What one edit does to the tree, or why it may not. */
export interface EditResult {
  readonly changes: readonly FileChange[];
  /** Every path that the edit is about, in the tree's spelling. */
  readonly touches: readonly string[];
  readonly rejections: readonly Rejection[];
  readonly fitting: readonly AppliedPart[];
}

export function editFile(tree: CurrentTree, edit: Edit, limits: GuardLimits): EditResult {
  switch (edit.kind) {
    case 'delete':
      return remove(tree, edit);
    case 'write':
      return write(tree, edit, limits);
    case 'update':
      return update(tree, edit, limits);
  }
}

const refused = (edit: Edit, problem: Complaint, touches: readonly string[] = []): EditResult => ({
  changes: [],
  touches,
  rejections: [{ path: edit.path, hunk: null, ...problem }],
  fitting: [],
});

function remove(tree: CurrentTree, edit: Edit): EditResult {
  const path = resolveExisting(tree, edit.path);
  if (typeof path !== 'string') return refused(edit, path);
  return {
    changes: [{ op: 'delete', path }],
    touches: [path],
    rejections: [],
    fitting: [{ path: edit.path, hunk: null }],
  };
}

function write(tree: CurrentTree, edit: Extract<Edit, { kind: 'write' }>, limits: GuardLimits): EditResult {
  const path = resolveTarget(tree, edit.path);
  if (typeof path !== 'string') return refused(edit, path);
  const file = tree.get(path);
  // A file that an earlier round made is the model's own, and is made anew; any other may hold what it was never shown.
  if (file?.inBase && edit.intent === 'create' && (file.bytes()?.length ?? 1) > 0) {
    return refused(
      edit,
      complaint(
        'FILE_EXISTS',
        `${path} exists already: change it with *** Update File, or give its whole content in a fenced block with its path.`,
      ),
      [path],
    );
  }
  const before = file === null ? { bom: false, lines: [] } : readText(file, path, limits);
  if ('problem' in before) return refused(edit, before, [path]);
  const after = replaceWhole(before, edit.lines, path, limits.maxLineBytes);
  return 'problem' in after ? refused(edit, after, [path]) : written(edit, path, file?.mode, after, limits, []);
}

/** Every hunk shows lines of the file, so that a file which is not meant would refuse them. */
const showsLines = ({ hunks, moveTo }: Extract<Edit, { kind: 'update' }>): boolean =>
  moveTo === null &&
  hunks.length > 0 &&
  hunks.every(({ lines }) => lines.some((line) => line.op !== 'insert' && line.text.trim() !== ''));

function update(tree: CurrentTree, edit: Extract<Edit, { kind: 'update' }>, limits: GuardLimits): EditResult {
  const path = (showsLines(edit) ? resolveUpdated : resolveExisting)(tree, edit.path);
  if (typeof path !== 'string') return refused(edit, path);
  const file = tree.get(path) as CurrentFile;
  const target = edit.moveTo === null ? path : resolveTarget(tree, edit.moveTo);
  if (typeof target !== 'string') return refused(edit, target, [path]);
  if (target !== path && tree.get(target))
    return refused(edit, complaint('FILE_EXISTS', `${target} exists already, so ${path} cannot be moved there.`), [
      path,
    ]);
  if (edit.hunks.length === 0 && target === path)
    return refused(edit, complaint('NO_CHANGE', 'The update changes no line.'), [path]);
  if (edit.hunks.length === 0) return moved(edit, path, target, file);
  const before = readText(file, path, limits);
  if ('problem' in before) return refused(edit, before, [path]);
  const result = applyHunks(before, edit.hunks, path, limits.maxLineBytes);
  const fitting = result.fitting.map((hunk): AppliedPart => ({ path: edit.path, hunk }));
  if (result.file === null) {
    const rejections = result.complaints.map((problem): Rejection => ({ path: edit.path, ...problem }));
    return { changes: [], touches: [path], rejections, fitting };
  }
  const changed = written(edit, target, file.mode, result.file, limits, fitting);
  return target === path || changed.rejections.length > 0
    ? changed
    : { ...changed, changes: [{ op: 'delete', path }, ...changed.changes], touches: [path, target] };
}

function moved(edit: Edit, path: string, target: string, file: CurrentFile): EditResult {
  const bytes = file.bytes();
  if (bytes === null) return refused(edit, complaint('TOO_LARGE', `${path} is too large to be moved.`), [path]);
  const mode = file.mode === '100755' ? '100755' : '100644';
  return {
    changes: [
      { op: 'delete', path },
      { op: 'write', path: target, mode, contentBase64: bytes.toString('base64') },
    ],
    touches: [path, target],
    rejections: [],
    fitting: [{ path: edit.path, hunk: null }],
  };
}

function readText(file: CurrentFile, path: string, limits: GuardLimits): TextFile | Complaint {
  const bytes = file.bytes();
  if (bytes === null || bytes.length > limits.maxFileBytes)
    return complaint('TOO_LARGE', `${path} is larger than ${limits.maxFileBytes} bytes.`);
  const text = decodeText(bytes);
  if (bytes.includes(0) || (text !== null && isBinaryFileSync(bytes))) {
    return complaint('BINARY_FILE', `${path} is a binary file, which is not edited as text.`);
  }
  if (text === null)
    return complaint('ENCODING_UNSUPPORTED', `${path} is not UTF-8, so it is not edited: an edit could damage it.`);
  return text.lines.length > limits.maxFileLines
    ? complaint('TOO_LARGE', `${path} has more than ${limits.maxFileLines} lines.`)
    : text;
}

/** A new file is never executable; an existing one keeps its mode. */
function written(
  edit: Edit,
  path: string,
  mode: string | undefined,
  text: TextFile,
  limits: GuardLimits,
  fitting: readonly AppliedPart[],
): EditResult {
  if (text.lines.length > limits.maxFileLines)
    return refused(edit, complaint('TOO_LARGE', `${path} would have more than ${limits.maxFileLines} lines.`), [path]);
  const bytes = encodeText(text);
  if (bytes.length > limits.maxFileBytes)
    return refused(edit, complaint('TOO_LARGE', `${path} would be larger than ${limits.maxFileBytes} bytes.`), [path]);
  const change: FileChange = {
    op: 'write',
    path,
    mode: mode === '100755' ? '100755' : '100644',
    contentBase64: bytes.toString('base64'),
  };
  return {
    changes: [change],
    touches: [path],
    rejections: [],
    fitting: fitting.length > 0 ? fitting : [{ path: edit.path, hunk: null }],
  };
}
