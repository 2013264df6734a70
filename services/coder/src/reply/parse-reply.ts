/**
 * Reads a model's plain-text reply: prose around any number of edits. Three forms are accepted, also mixed:
 * V4A patches, SEARCH/REPLACE blocks after a path, and whole files in fenced blocks with a path.
 *
 * Never throws. What looks like an edit and cannot be read becomes a problem, so that nothing is dropped silently.
 */
import type { Edit, ParsedReply, ParsedSection, ReplyProblem } from './edit.ts';
import { pathInProse, pathOfFence, pathOfLine } from './path-line.ts';
import { parseSearchReplace, startsSearchReplace } from './search-replace.ts';
import { summarise } from './summary.ts';
import { parseV4a, startsV4a } from './v4a.ts';
import { closingFence, type Fence, openFence, parseWholeFile } from './whole-file.ts';

export function parseReply(reply: string): ParsedReply {
  const lines = reply.replace(/^\uFEFF/, '').split(/\r\n|\n/);
  const edits: Edit[] = [];
  const problems: ReplyProblem[] = [];
  const prose: string[] = [];
  // The last line that named a path, for SEARCH blocks that follow one another.
  let blockPath: string | null = null;
  let at = 0;
  const take = (section: ParsedSection) => {
    edits.push(...section.edits);
    problems.push(...section.problems);
    at = Math.max(section.next, at + 1);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const fence = openFence(line);
    if (startsV4a(line)) take(parseV4a(lines, at));
    else if (startsSearchReplace(line)) take(parseSearchReplace(lines, at, blockPath ?? bareNameBefore(lines, at)));
    else if (fence && !wrapsEdits(lines, at)) {
      const path = pathOfFence(fence.info) ?? pathOfLine(previousText(lines, at));
      if (path === null) at = skipIllustration(lines, at, fence, problems);
      else {
        take(parseWholeFile(lines, at, fence, path));
        blockPath = path;
      }
    } else {
      blockPath = (fence ? pathOfFence(fence.info) : (pathOfLine(line) ?? pathInProse(line))) ?? blockPath;
      if (!fence) prose.push(line);
      at += 1;
    }
  }
  return { summary: summarise(prose.filter((line) => pathOfLine(line) === null)), edits: merge(edits), problems };
}

/** Whether the fence only wraps a patch or a SEARCH block: its lines are then read as if it were not there. */
function wrapsEdits(lines: readonly string[], start: number): boolean {
  let at = start + 1;
  while (at < lines.length && (lines[at] as string).trim() === '') at += 1;
  const first = lines[at] ?? '';
  if (startsV4a(first) || startsSearchReplace(first)) return true;
  if (pathOfLine(first) !== null && startsSearchReplace(lines[at + 1] ?? '')) return true;
  // A closing fence left over from a wrapped edit.
  return openFence(lines[start] ?? '')?.info === '' && closesEdit(lines, start);
}

function closesEdit(lines: readonly string[], at: number): boolean {
  const before = previousText(lines, at);
  return /^(?:\*\*\* End Patch|(?:>{5,9}|\+{5,9}) ?(?:REPLACE|UPDATED))/.test(before);
}

/** A fenced block without a path is an illustration; a unified diff in it is an edit in a form that is not accepted. */
function skipIllustration(lines: readonly string[], at: number, fence: Fence, problems: ReplyProblem[]): number {
  const close = closingFence(lines, at, fence);
  const body = lines.slice(at + 1, close < 0 ? lines.length : close);
  if (body.some((line, i) => line.startsWith('--- ') && (body[i + 1] ?? '').startsWith('+++ '))) {
    const path = /^\+\+\+ (?:b\/)?(\S+)/m.exec(body.join('\n'))?.[1] ?? null;
    const problem = 'A unified diff is not accepted: send a patch between "*** Begin Patch" and "*** End Patch".';
    problems.push({ path, code: 'UNSUPPORTED_FORMAT', problem });
  }
  return close < 0 ? lines.length : close + 1;
}

function previousText(lines: readonly string[], at: number): string {
  for (let i = at - 1; i >= 0; i--) if ((lines[i] as string).trim() !== '') return lines[i] as string;
  return '';
}

/** A single word on the line before a SEARCH block and its fence is a file without an extension, such as Jenkinsfile. */
function bareNameBefore(lines: readonly string[], at: number): string | null {
  const above = at > 0 && openFence(lines[at - 1] as string) ? at - 1 : at;
  const word = (lines[above - 1] ?? '').trim().replace(/^`(.*)`$/, '$1');
  return /^[A-Za-z][\w-]*$/.test(word) ? word : null;
}

/** One update for each path, in the order of first mention: blocks of one file belong together. */
function merge(edits: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  for (const edit of edits) {
    const index = merged.findIndex((other) => other.kind === 'update' && other.path === edit.path);
    const earlier = merged[index];
    if (
      edit.kind === 'update' &&
      earlier?.kind === 'update' &&
      (edit.moveTo === null || earlier.moveTo === null || edit.moveTo === earlier.moveTo)
    ) {
      merged[index] = { ...earlier, moveTo: earlier.moveTo ?? edit.moveTo, hunks: [...earlier.hunks, ...edit.hunks] };
    } else merged.push(edit);
  }
  return merged;
}
