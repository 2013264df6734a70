import { distance } from 'fastest-levenshtein';
import type { LineIndex } from './line-index.ts';
import type { NumberedLine } from './rejection.ts';

const MAX_SHOWN_LINES = 16;
const MAX_SHOWN_CHARS = 200;
/** Lines compared letter by letter when no line of the block is in the file. */
const MAX_COMPARED_LINES = 20_000;

/** The lines of the file that most resemble a block which was not found; empty if nothing resembles it. */
export function nearestLines(index: LineIndex, block: readonly string[]): NumberedLine[] {
  const start = startByEqualLines(index, block) ?? startBySimilarLine(index, block);
  return start === null ? [] : numbered(index, start - 1, start + block.length + 1);
}

/** Lines `from` to `to` (exclusive, from 0) with their numbers, cut to what a message can carry. */
export function numbered(index: LineIndex, from: number, to: number): NumberedLine[] {
  const first = Math.max(0, from);
  return index.shown.slice(first, Math.min(to, first + MAX_SHOWN_LINES)).map((text, i) => ({
    line: first + i + 1,
    text: text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text,
  }));
}

/** Each line that is also in the file votes for where the block would begin. */
function startByEqualLines(index: LineIndex, block: readonly string[]): number | null {
  const votes = new Map<number, number>();
  block.forEach((text, offset) => {
    const places = text.trim().length > 2 ? index.placesOf(text) : null;
    // A rare line knows the place better than a common one.
    for (const place of places ?? [])
      votes.set(place - offset, (votes.get(place - offset) ?? 0) + 1 / (places?.length ?? 1));
  });
  let best: number | null = null;
  for (const [start, weight] of votes) if (best === null || weight > (votes.get(best) as number)) best = start;
  return best === null ? null : Math.max(0, best);
}

function startBySimilarLine(index: LineIndex, block: readonly string[]): number | null {
  const { texts } = index;
  const longest = block
    .reduce((a, b) => (b.trim().length > a.trim().length ? b : a), '')
    .trim()
    .slice(0, MAX_SHOWN_CHARS);
  if (longest.length < 4 || !index.takeComparison()) return null;
  let best: { line: number; score: number } | null = null;
  for (let i = 0; i < Math.min(texts.length, MAX_COMPARED_LINES); i++) {
    const text = (texts[i] as string).trim().slice(0, MAX_SHOWN_CHARS);
    // The difference in length alone is a lower bound of the distance.
    const bound = best?.score ?? longest.length * 0.5;
    if (Math.abs(text.length - longest.length) >= bound) continue;
    const score = distance(text, longest);
    if (score < bound) best = { line: i, score };
  }
  return best === null
    ? null
    : Math.max(0, best.line - block.findIndex((text) => text.trim().startsWith(longest.slice(0, 20))));
}
