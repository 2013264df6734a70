import type { Edit, Hunk, HunkLine, ParsedSection, ReplyProblem } from './edit.ts';

const FILE_HEADER = /^\*\*\* (Add|Update|Delete) File:\s*(.+?)\s*$/s;
const MOVE_TO = /^\*\*\* Move to:\s*(.+?)\s*$/s;
const BEGIN = /^\*\*\* Begin Patch\s*$/;
const END = /^\*\*\* End Patch\s*$/;
const END_OF_FILE = /^\*\*\* End of File\s*$/;
const NO_NEWLINE = /^\\ No newline at end of file\s*$/;
const FENCE = /^\s*(`{3,}|~{3,})[^`]*$/;
/** `@@ -1,7 +1,8 @@ text` of a unified diff: the numbers are not used, they are wrong too often. */
const UNIFIED_RANGE = /^-\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?/;

export const startsV4a = (line: string): boolean => BEGIN.test(line) || FILE_HEADER.test(line);

/**
 * Reads a V4A patch that begins at `start`: file sections up to `*** End Patch`. Where the end marker was forgotten,
 * the patch ends at a closing fence or at the first line that cannot belong to it.
 */
export function parseV4a(lines: readonly string[], start: number): ParsedSection {
  const end = findEnd(lines, start);
  const edits: Edit[] = [];
  const problems: ReplyProblem[] = [];
  let at = BEGIN.test(lines[start] ?? '') ? start + 1 : start;
  while (at < end.body) {
    const header = FILE_HEADER.exec(lines[at] ?? '');
    if (!header) {
      if (isUnknownMarker(lines[at] ?? '')) problems.push(unknownMarker(null, lines[at] as string));
      // Models put blank lines, a second "Begin Patch" or a word of prose between two files.
      if (!end.closed && (lines[at] ?? '').trim() !== '') return { edits, problems, next: at };
      at += 1;
      continue;
    }
    const [, action, rawPath] = header;
    const path = unquote(rawPath as string);
    let bodyEnd = at + 1;
    while (bodyEnd < end.body && belongsToFile(lines[bodyEnd] ?? '', action as string, end.closed)) bodyEnd += 1;
    const body = lines.slice(at + 1, bodyEnd).filter((line) => !NO_NEWLINE.test(line));
    if (action === 'Delete') edits.push({ kind: 'delete', path });
    else if (action === 'Add') readAdded(path, body, edits, problems);
    else {
      const unknown = body.find(isUnknownMarker);
      if (unknown === undefined) edits.push(readUpdate(path, body));
      else problems.push(unknownMarker(path, unknown));
    }
    at = bodyEnd;
  }
  return { edits, problems, next: end.next };
}

const isUnknownMarker = (line: string): boolean =>
  line.startsWith('*** ') && ![FILE_HEADER, MOVE_TO, BEGIN, END, END_OF_FILE].some((known) => known.test(line));

const unknownMarker = (path: string | null, line: string): ReplyProblem => ({
  path,
  code: 'MALFORMED_PATCH',
  problem: `A patch has no line such as this one: ${line.slice(0, 200)}`,
});

/** Where the patch's lines end, and where the reply goes on. */
function findEnd(lines: readonly string[], start: number): { body: number; next: number; closed: boolean } {
  for (let i = start + 1; i < lines.length; i++) {
    if (END.test(lines[i] ?? '')) return { body: i, next: i + 1, closed: true };
    if (BEGIN.test(lines[i] ?? '')) return { body: i, next: i, closed: false };
  }
  return { body: lines.length, next: lines.length, closed: false };
}

function belongsToFile(line: string, action: string, closed: boolean): boolean {
  if (FILE_HEADER.test(line) || BEGIN.test(line)) return false;
  if (action === 'Delete') return false;
  if (closed || line === '' || /^(?:[ +\-@\\]|\*{3} )/.test(line)) return true;
  return !FENCE.test(line) && action === 'Update' && /^[\t})\]]/.test(line);
}

function readAdded(path: string, body: readonly string[], edits: Edit[], problems: ReplyProblem[]): void {
  const content = trimBlankEnd(body.filter((line) => !END_OF_FILE.test(line) && !FENCE.test(line)));
  const marked = content.filter((line) => line.startsWith('+')).length;
  const unmarked = content.findIndex((line) => line !== '' && !line.startsWith('+'));
  if (marked > 0 && unmarked >= 0) {
    const problem = `Every line of an added file begins with "+"; this one does not: ${content[unmarked]}`;
    problems.push({ path, code: 'MALFORMED_PATCH', problem });
    return;
  }
  // Without a single "+" the model gave the plain content.
  const lines =
    marked > 0 ? content.map((line) => line.slice(1)) : trimBlankEnd(body.filter((line) => !END_OF_FILE.test(line)));
  edits.push({ kind: 'write', path, intent: 'create', lines });
}

function readUpdate(path: string, body: readonly string[]): Edit {
  const hunks: Hunk[] = [];
  let moveTo: string | null = null;
  let anchors: string[] = [];
  let current: HunkLine[] = [];
  // Empty lines before the next marker are layout; an empty context line would be a single space.
  let trailingEmpty = 0;
  const close = (atEnd: boolean) => {
    current.length -= trailingEmpty;
    trailingEmpty = 0;
    if (current.some((line) => line.op !== 'keep')) hunks.push({ anchors, lines: current, atEnd });
    if (current.length > 0) anchors = [];
    current = [];
  };
  for (const line of body) {
    const move = MOVE_TO.exec(line);
    if (move) moveTo = unquote(move[1] as string);
    else if (END_OF_FILE.test(line)) close(true);
    else if (line.startsWith('@@')) {
      close(false);
      const anchor = line
        .slice(2)
        .trim()
        .replace(UNIFIED_RANGE, '')
        .replace(/\s*@@$/, '')
        .trim();
      if (anchor !== '') anchors.push(anchor);
    } else {
      current.push(readLine(line));
      trailingEmpty = line === '' ? trailingEmpty + 1 : 0;
    }
  }
  close(false);
  return { kind: 'update', path, moveTo, hunks };
}

function readLine(line: string): HunkLine {
  if (line.startsWith('+')) return { op: 'insert', text: line.slice(1) };
  if (line.startsWith('-')) return { op: 'delete', text: line.slice(1) };
  // A context line that lost its leading space is still context: it has to be in the file anyway.
  return { op: 'keep', text: line.startsWith(' ') ? line.slice(1) : line };
}

function trimBlankEnd(lines: readonly string[]): string[] {
  let length = lines.length;
  while (length > 0 && lines[length - 1] === '') length -= 1;
  return lines.slice(0, length);
}

const unquote = (path: string): string => path.replace(/^([`"'])(.*)\1$/, '$2');
