import { createHash } from 'node:crypto';
import { criteriaOf } from './criteria.ts';
import { documentsOf } from './documents.ts';
import type { Entry } from './entries.ts';
import { textWithout } from './located.ts';
import { markerName, readMarkers } from './markers.ts';
import type { ParsedTask } from './parsed-task.ts';
import { type Finding, finding, type Place } from './problem.ts';
import { idFromText, suggestId, whyNotAnId } from './task-id.ts';

/** About 16,000 tokens: with more, nothing is left for the files of the repository. */
export const MAX_TASK_CHARACTERS = 65_536;
const MAX_TITLE_CHARACTERS = 300;

/** An entry with its values, and what is wrong with it. With findings, it must not run. */
export interface ReadEntry {
  /** As far as it is known. */
  readonly key: string | null;
  readonly task: Omit<ParsedTask, 'position'>;
  readonly findings: readonly Finding[];
  readonly idPlace: Place;
  readonly dependsOnPlace: Place;
  /** The id was made from the text. */
  readonly derived: boolean;
}

export function readEntry(text: string, entry: Entry, file: string): ReadEntry {
  const { values, findings } = readMarkers(entry.markers);
  const place: Place = { line: entry.line };
  const derived = values.id === undefined && entry.kind === 'item';
  const key = values.id ?? (derived && entry.title !== '' ? idFromText(entry.title) : null);
  const body = bodyOf(text, entry);
  const { documents, findings: badPaths } = documentsOf(text, entry.blocks, file);
  findings.push(...checkId(values.id, values.idPlace ?? place, entry, derived));
  findings.push(...badPaths, ...late(entry), ...checkText(entry, key, body));
  const title = entry.title.slice(0, MAX_TITLE_CHARACTERS);
  const spoken = { title, body, module: values.module ?? null, language: values.language ?? null };
  return {
    key,
    findings,
    derived,
    idPlace: values.idPlace ?? place,
    dependsOnPlace: values.dependsOnPlace ?? place,
    task: {
      ...spoken,
      key: key ?? '',
      priority: values.priority ?? 'medium',
      dependsOn: values.dependsOn,
      budgetNanoUsd: values.budgetNanoUsd ?? null,
      status: entry.checked ? 'done' : (values.status ?? 'ready'),
      criteria: criteriaOf(text, entry),
      documents,
      textHash: hashOf(spoken),
      line: entry.line,
    },
  };
}

function bodyOf(text: string, entry: Entry): string {
  const source = textWithout(text, entry.content, [...entry.markers, ...entry.late]);
  if (entry.kind === 'section') return source.replace(/^\s*\n/, '').trimEnd();
  // Below the first line, a list item is indented as far as its text begins.
  const indent = entry.content.start - (text.lastIndexOf('\n', entry.content.start - 1) + 1);
  return source.replace(new RegExp(`\\n[ \\t]{1,${Math.max(1, Math.min(indent, 100))}}`, 'g'), '\n').trim();
}

/** Spaces at the ends of lines are no edit that is worth paying for again. */
function hashOf(spoken: Pick<ParsedTask, 'title' | 'body' | 'module' | 'language'>): string {
  const body = spoken.body.replace(/[ \t]+$/gm, '').trim();
  return createHash('sha256')
    .update(JSON.stringify([spoken.title, body, spoken.module, spoken.language]))
    .digest('hex');
}

function checkId(id: string | undefined, place: Place, { title }: Entry, derived: boolean): Finding[] {
  if (id === undefined) {
    return derived || title === '' ? [] : [finding('ID_MISSING', place, { title, suggestion: suggestId(title) })];
  }
  const reason = whyNotAnId(id);
  return reason ? [finding('ID_INVALID', place, { id: id.slice(0, 120), reason, suggestion: suggestId(id) })] : [];
}

function checkText({ title, kind, line }: Entry, key: string | null, body: string): Finding[] {
  const id = key ?? `"${title}"`;
  if (title === '') return [finding('TITLE_MISSING', { line })];
  const characters = title.length + body.length;
  if (characters > MAX_TASK_CHARACTERS)
    return [finding('TASK_TOO_LONG', { line }, { id, characters, limit: MAX_TASK_CHARACTERS })];
  const says = body
    .replace(/^ {0,3}#{3,6}(?:[ \t].*)?$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .trim();
  return kind === 'section' && says === '' ? [finding('BODY_EMPTY', { line }, { id })] : [];
}

const late = (entry: Entry): Finding[] =>
  entry.late.map((marker) =>
    finding('MARKER_MISPLACED', marker, {
      name: markerName(marker.text),
      reason: 'it stands below a sub-heading',
      advice: `Move it to the lines right below the heading on line ${entry.line}.`,
    }),
  );
