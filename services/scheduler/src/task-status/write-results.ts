import { readEntries } from '../task-file/entries.ts';
import { markerName } from '../task-file/markers.ts';
import { parseTaskFile } from '../task-file/parse-task-file.ts';
import { readEntry } from '../task-file/read-entry.ts';
import { normaliseText } from '../task-file/source-text.ts';

/** What is told of a task in its file. */
export interface TaskResult {
  /** A few words; no line break and no "-->". */
  readonly text: string;
  /** Ticks the box of a list entry. */
  readonly done: boolean;
}

/** A place of the file, and what comes there. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Writes results into the bytes of a task file: the marker TASK_RESULT right behind the task's TASK_ID, replaced where it
 * is there already, and the tick of a box. Every other byte stays as it is, line endings and marks included, and so does
 * every task as it is read. Entries without a TASK_ID get a tick only. null: nothing changes, or the file cannot be read.
 */
export function writeResults(bytes: Uint8Array, file: string, results: ReadonlyMap<string, TaskResult>): Buffer | null {
  const original = decode(bytes);
  if (original === null) return null;
  const text = normaliseText(original);
  // Only what is read as a task: not the second of two with one id, no box among notes, nothing with a mistake.
  const tasks = new Set(parseTaskFile(text, file).tasks.map(({ key, line }) => `${line} ${key}`));
  const edits: Edit[] = [];
  for (const entry of readEntries(text)) {
    const { key } = readEntry(text, entry, file);
    const result = key === null ? undefined : results.get(key);
    if (result === undefined || !tasks.has(`${entry.line} ${key}`)) continue;
    const box = /^(?:[-+*]|\d{1,9}[.)])[ \t]+\[(?=[ \t]\])/.exec(text.slice(entry.start, entry.start + 40));
    if (result.done && entry.kind === 'item' && !entry.checked && box) {
      const at = entry.start + box[0].length;
      edits.push({ start: at, end: at + 1, text: 'x' });
    }
    edits.push(...markerEdit(text, entry.markers, result));
  }
  if (edits.length === 0) return null;
  return Buffer.from(apply(original, inOriginal(original, edits)), 'utf8');
}

function markerEdit(
  text: string,
  markers: readonly { readonly start: number; readonly end: number; readonly text: string }[],
  result: TaskResult,
): Edit[] {
  const comment = `<!-- TASK_RESULT: ${result.text} -->`;
  const present = markers.find((marker) => markerName(marker.text) === 'TASK_RESULT');
  if (present) {
    const same = text.slice(present.start, present.end) === comment;
    return same ? [] : [{ start: present.start, end: present.end, text: comment }];
  }
  const id = markers.find((marker) => markerName(marker.text) === 'TASK_ID');
  if (id === undefined) return [];
  // Between words a further space would be an edit of the task; at the end of a line it counts for nothing.
  const space = /[ \t]*(?:\n|$)/y;
  space.lastIndex = id.end;
  return [{ start: id.end, end: id.end, text: space.test(text) ? ` ${comment}` : comment }];
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The reader leaves out a byte order mark and the carriage returns of line ends: places of its text in the original. */
function inOriginal(original: string, edits: readonly Edit[]): Edit[] {
  const wanted = [...new Set(edits.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const found = new Map<number, number>();
  let at = original.startsWith('\uFEFF') ? 1 : 0;
  let read = 0;
  for (const place of wanted) {
    for (; read < place; read += 1) at += original.startsWith('\r\n', at) ? 2 : 1;
    found.set(place, at);
  }
  return edits.map(({ start, end, text }) => ({
    start: found.get(start) as number,
    end: found.get(end) as number,
    text,
  }));
}

function apply(original: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(original.slice(from, start), text);
    from = end;
  }
  return [...parts, original.slice(from)].join('');
}
