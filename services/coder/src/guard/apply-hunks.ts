import type { Hunk } from '../reply/edit.ts';
import { isElision } from '../reply/elision.ts';
import { LineIndex } from './line-index.ts';
import { locateHunk, type Place } from './locate-hunk.ts';
import { type Complaint, complaint } from './rejection.ts';
import { dominantEol, settleEndings, type TextFile, type TextLine } from './text-file.ts';
import { forbiddenText } from './written-text.ts';

export interface HunkComplaint extends Complaint {
  /** From 1. */
  readonly hunk: number;
}

export interface HunksResult {
  /** The file with every hunk applied; null if any was refused. */
  readonly file: TextFile | null;
  readonly complaints: readonly HunkComplaint[];
  /** Hunks that fit, from 1. */
  readonly fitting: readonly number[];
}

/** What all hunks together do to the lines of the file. */
interface Plan {
  /** For each line of the file: which hunk keeps or deletes it. */
  readonly kept: Map<number, number>;
  readonly deleted: Map<number, number>;
  /** New lines before the line of that number. */
  readonly inserted: Map<number, { readonly hunk: number; readonly lines: TextLine[] }>;
}

/** Applies all hunks of one file, each found in the file as it was, or none. */
export function applyHunks(file: TextFile, hunks: readonly Hunk[], path: string, maxLineBytes: number): HunksResult {
  const index = new LineIndex(file.lines.map((line) => line.text));
  const known = new Set(index.texts.map((text) => text.trim()));
  const plan: Plan = { kept: new Map(), deleted: new Map(), inserted: new Map() };
  const complaints: HunkComplaint[] = [];
  const fitting: number[] = [];
  hunks.forEach((hunk, i) => {
    const problem = writtenProblem(hunk, known, path, maxLineBytes) ?? place(file, index, hunk, i + 1, plan);
    if (problem) complaints.push({ ...problem, hunk: i + 1 });
    else fitting.push(i + 1);
  });
  return { file: complaints.length === 0 ? build(file, plan) : null, complaints, fitting };
}

function writtenProblem(hunk: Hunk, known: ReadonlySet<string>, path: string, maxLineBytes: number): Complaint | null {
  for (const { op, text } of hunk.lines) {
    if (op !== 'insert') continue;
    const problem = forbiddenText(text, maxLineBytes);
    if (problem) return problem;
    if (isElision(text, path) && !known.has(text.trim())) {
      return complaint(
        'ELISION',
        `The line "${text.trim()}" stands for code that was left out. Write every line, or leave unchanged lines out of the hunk.`,
      );
    }
  }
  return null;
}

function place(file: TextFile, index: LineIndex, hunk: Hunk, number: number, plan: Plan): Complaint | null {
  const found = locateHunk(index, hunk);
  if ('problem' in found) return found;
  const step: Plan = { kept: new Map(), deleted: new Map(), inserted: new Map() };
  const problem = trace(file, hunk, found, number, step) ?? contradiction(step, plan);
  if (problem) return problem;
  for (const [line] of step.kept) plan.kept.set(line, number);
  for (const [line] of step.deleted) plan.deleted.set(line, number);
  for (const [line, insertion] of step.inserted) plan.inserted.set(line, insertion);
  return null;
}

/** Walks a hunk from its place on and notes what becomes of each line. */
function trace(file: TextFile, hunk: Hunk, { start, reindent }: Place, number: number, step: Plan): Complaint | null {
  let at = start;
  // Endings of the deleted lines of this block: the new lines that replace them take them over.
  let replaced: TextLine['eol'][] = [];
  for (const { op, text } of hunk.lines) {
    if (op === 'keep') step.kept.set(at++, number);
    if (op === 'delete') {
      step.deleted.set(at, number);
      replaced.push((file.lines[at++] as TextLine).eol);
    }
    if (op !== 'insert') {
      if (op === 'keep') replaced = [];
      continue;
    }
    const indented = reindent(text);
    if (indented === null)
      return complaint(
        'NOT_FOUND',
        'The hunk is indented deeper than the file, and a new line is not: write the lines with the indentation of the file.',
      );
    const eol = replaced.shift() || file.lines[at - 1]?.eol || file.lines[at]?.eol || dominantEol(file.lines);
    const insertion = step.inserted.get(at) ?? { hunk: number, lines: [] };
    insertion.lines.push({ text: indented, eol });
    step.inserted.set(at, insertion);
  }
  return null;
}

/** Two hunks may share lines that both keep, and nothing else. */
function contradiction(step: Plan, plan: Plan): Complaint | null {
  const other =
    [...step.deleted.keys()]
      .map((line) => plan.deleted.get(line) ?? plan.kept.get(line))
      .find((hunk) => hunk !== undefined) ??
    [...step.kept.keys()].map((line) => plan.deleted.get(line)).find((hunk) => hunk !== undefined) ??
    [...step.inserted.keys()].map((line) => plan.inserted.get(line)?.hunk).find((hunk) => hunk !== undefined);
  return other === undefined
    ? null
    : complaint('OVERLAPPING_HUNKS', `The hunk changes the same lines as hunk ${other}: make one hunk of the two.`);
}

function build(file: TextFile, plan: Plan): TextFile {
  const lines: TextLine[] = [];
  for (let i = 0; i <= file.lines.length; i++) {
    const insertion = plan.inserted.get(i);
    if (insertion) lines.push(...insertion.lines);
    const line = file.lines[i];
    if (line && !plan.deleted.has(i)) lines.push(line);
  }
  return { bom: file.bom, lines: settleEndings(lines, file.lines) };
}
