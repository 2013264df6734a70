import type { Hunk } from '../reply/edit.ts';
import { anchorScopes, type Scope } from './anchor-scope.ts';
import { type LineIndex, MATCH_LEVELS, type MatchLevel } from './line-index.ts';
import { nearestLines, numbered } from './nearest-lines.ts';
import { findReindent, type Reindent } from './reindent.ts';
import { type Complaint, complaint } from './rejection.ts';

/** Where a hunk stands in a file, from 0, and how its new lines have to be indented there. */
export interface Place {
  readonly start: number;
  readonly level: MatchLevel;
  readonly reindent: Reindent;
}

/** More matches than this are as ambiguous as this many. */
const MAX_MATCHES = 1_000;
const MAX_NAMED_MATCHES = 5;

/** The one place that a hunk can mean, by the strictest level of resemblance that finds any; otherwise why there is none. */
export function locateHunk(index: LineIndex, hunk: Hunk): Place | Complaint {
  const old = hunk.lines.filter((line) => line.op !== 'insert').map((line) => line.text);
  if (old.length === 0) return locateInsertion(index, hunk);
  const scopes = hunk.anchors.length === 0 ? [] : anchorScopes(index.texts, hunk.anchors);
  for (const level of MATCH_LEVELS) {
    const places = placesAt(index, old, level);
    if (places.length === 0) continue;
    const chosen = narrow(places, hunk, old.length, index.texts.length, scopes);
    if (chosen.length === 1)
      return (
        alreadyInserted(index, hunk, chosen[0] as Place) ??
        outsideAnchor(index, chosen[0] as Place, old.length, scopes) ??
        (chosen[0] as Place)
      );
    return ambiguous(index, chosen, old.length);
  }
  return alreadyApplied(index, hunk) ?? notFound(index, old);
}

function placesAt(index: LineIndex, old: readonly string[], level: MatchLevel): Place[] {
  const places: Place[] = [];
  for (const start of index.find(old, level, MAX_MATCHES)) {
    const sameIndent = level === 'exact' || level === 'trailing_space';
    const reindent = sameIndent
      ? (text: string) => text
      : findReindent(old, index.texts.slice(start, start + old.length));
    if (reindent) places.push({ start, level, reindent });
  }
  return places;
}

/** Among several places, those that the end-of-file mark and the anchors leave. */
function narrow(
  places: readonly Place[],
  hunk: Hunk,
  length: number,
  total: number,
  scopes: readonly Scope[],
): readonly Place[] {
  if (places.length < 2) return places;
  const atEnd = hunk.atEnd ? places.filter((place) => place.start + length === total) : [];
  if (atEnd.length === 1) return atEnd;
  const inside = places.filter((place) =>
    scopes.some((scope) => place.start >= scope.from && place.start + length <= scope.to),
  );
  if (inside.length > 0) return inside;
  const after = places.filter((place) => scopes.some((scope) => place.start + length > scope.from));
  return after.length > 0 ? after : places;
}

/** A single match that ends before the anchor's line contradicts the anchor. */
function outsideAnchor(index: LineIndex, place: Place, length: number, scopes: readonly Scope[]): Complaint | null {
  if (scopes.length === 0 || scopes.some((scope) => place.start + length > scope.from)) return null;
  const problem = `These lines stand only at line ${place.start + 1}, before the line that the @@ anchor names. Correct the anchor, or leave it out.`;
  return complaint('ANCHOR_MISMATCH', problem, numbered(index, place.start, place.start + length));
}

function locateInsertion(index: LineIndex, hunk: Hunk): Place | Complaint {
  const same = (text: string) => text;
  if (index.texts.length === 0 || (hunk.atEnd && hunk.anchors.length === 0))
    return { start: index.texts.length, level: 'exact', reindent: same };
  if (hunk.anchors.length === 0) {
    return complaint(
      'NO_CONTEXT',
      'The hunk only adds lines and names no place. Give three unchanged lines before and after them.',
    );
  }
  const scopes = anchorScopes(index.texts, hunk.anchors);
  const scope = scopes[0];
  if (scope === undefined)
    return complaint(
      'NOT_FOUND',
      'The line after @@ is not in the file.',
      nearestLines(index, [hunk.anchors.at(-1) as string]),
    );
  if (scopes.length > 1)
    return ambiguous(
      index,
      scopes.map(({ from }) => ({ start: from, level: 'exact', reindent: same })),
      1,
    );
  return { start: scope.from + 1, level: 'exact', reindent: same };
}

function ambiguous(index: LineIndex, places: readonly Place[], length: number): Complaint {
  const named = places.slice(0, MAX_NAMED_MATCHES);
  const more = places.length > named.length ? ` and ${places.length - named.length} more` : '';
  const where = named.map((place) => place.start + 1).join(', ');
  const problem = `These lines stand in ${places.length} places (from line ${where}${more}). Add unchanged lines around them, or an @@ line with the enclosing function or class, until only one place fits.`;
  return complaint(
    'AMBIGUOUS',
    problem,
    named.flatMap((place) => numbered(index, place.start - 1, place.start + Math.min(length, 2) + 1)),
  );
}

function notFound(index: LineIndex, old: readonly string[]): Complaint {
  const nearest = nearestLines(index, old);
  const hint =
    nearest.length > 0
      ? 'The nearest lines of the file follow; copy them exactly.'
      : 'Nothing in the file resembles them: check the path.';
  return complaint(
    'NOT_FOUND',
    `The unchanged and deleted lines of the hunk are not in the file one after another. ${hint}`,
    nearest,
  );
}

/** The new lines are there and the old ones are not. */
function alreadyApplied(index: LineIndex, hunk: Hunk): Complaint | null {
  const result = hunk.lines.filter((line) => line.op !== 'delete').map((line) => line.text);
  if (!hunk.lines.some((line) => line.op === 'insert' && line.text.trim() !== '')) return null;
  const found = index.find(result, 'trailing_space', 2);
  return found.length === 1 ? isApplied(index, found[0] as number, result.length) : null;
}

/** An insertion after lines that are already followed by what it inserts: a second copy is hardly meant. */
function alreadyInserted(index: LineIndex, hunk: Hunk, place: Place): Complaint | null {
  if (
    hunk.lines.some((line) => line.op === 'delete') ||
    !hunk.lines.some((line) => line.op === 'insert' && line.text.trim() !== '')
  )
    return null;
  const result = hunk.lines.map((line) => place.reindent(line.text)?.trimEnd());
  const there = index.texts.slice(place.start, place.start + result.length).map((text) => text.trimEnd());
  const same = result.length === there.length && result.every((text, i) => text === there[i]);
  return same ? isApplied(index, place.start, result.length) : null;
}

function isApplied(index: LineIndex, start: number, length: number): Complaint {
  const problem = `The file already holds this change at line ${start + 1}. Leave the hunk out, or, if a second copy is meant, include the line that follows.`;
  return complaint('ALREADY_APPLIED', problem, numbered(index, start, start + length));
}
