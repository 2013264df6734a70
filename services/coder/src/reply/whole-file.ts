import type { ParsedSection } from './edit.ts';

const OPEN = /^( {0,3})(`{3,}|~{3,})\s*([^`]*)$/;

export interface Fence {
  readonly marker: string;
  /** What follows the marker: a language, a path, or both. */
  readonly info: string;
}

export function openFence(line: string): Fence | null {
  const match = OPEN.exec(line);
  return match ? { marker: match[2] as string, info: (match[3] as string).trim() } : null;
}

/**
 * Index of the line that closes the fence opened at `start`, or -1. Fences with a language inside the block are taken
 * as nested, since Markdown files hold such blocks and models forget to use a longer fence around them.
 */
export function closingFence(lines: readonly string[], start: number, fence: Fence): number {
  let depth = 0;
  for (let i = start + 1; i < lines.length; i++) {
    const inner = openFence(lines[i] ?? '');
    if (!inner || inner.marker[0] !== fence.marker[0] || inner.marker.length < fence.marker.length) continue;
    if (inner.info !== '') depth += 1;
    else if (depth > 0) depth -= 1;
    else return i;
  }
  return -1;
}

/** Reads a fenced block as the whole content of `path`. */
export function parseWholeFile(lines: readonly string[], start: number, fence: Fence, path: string): ParsedSection {
  const close = closingFence(lines, start, fence);
  if (close < 0) {
    const problem =
      'The fenced block has no closing fence, or fences inside it hide it: put a longer fence (````) around the file.';
    return { edits: [], problems: [{ path, code: 'AMBIGUOUS_FENCE', problem }], next: lines.length };
  }
  return {
    edits: [{ kind: 'write', path, intent: 'replace', lines: lines.slice(start + 1, close) }],
    problems: [],
    next: close + 1,
  };
}
