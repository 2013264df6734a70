import { setImmediate } from 'node:timers/promises';

/** The time after which a count lets the rest of the process run. */
const SLICE_MS = 15;
const PIECES_PER_LOOK = 256;

/**
 * Runs that the tokenizer takes as one piece. Merging one is quadratic in its length (100 KB of one letter: 2.7 s), so a
 * long run is not merged but counted by its bytes, of which it cannot have fewer than tokens.
 */
const LONG_RUN = /[\p{L}\p{M}]{400,}|[^\s\p{L}\p{M}\p{N}]{400,}|\s{400,}/gu;

/** Counts of long texts that were asked for lately: a repair repeats the specification and the files of its first round. */
const CACHE_ENTRIES = 64;
const CACHE_FROM_CHARACTERS = 2_000;
const cache = new Map<string, number>();

/**
 * Tokens of a text in OpenAI's o200k_base encoding, or a little more. Special tokens in the text are plain text, as the
 * vendor takes them. Long texts are counted in slices between which other work goes on.
 */
export async function countO200k(text: string): Promise<number> {
  const known = cache.get(text);
  if (known !== undefined) return known;
  // 140 MB and 0.2 s: loaded where something is counted, not where the catalog is read.
  const { encodeGenerator } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  let pieces = 0;
  let sliceStart = performance.now();
  for (const [part, kind] of splitRuns(text)) {
    if (kind === 'run') {
      tokens += Buffer.byteLength(part);
      continue;
    }
    for (const piece of encodeGenerator(part, { disallowedSpecial: new Set<string>() })) {
      tokens += piece.length;
      if (++pieces % PIECES_PER_LOOK !== 0 || performance.now() - sliceStart < SLICE_MS) continue;
      await setImmediate();
      sliceStart = performance.now();
    }
  }
  if (text.length >= CACHE_FROM_CHARACTERS) remember(text, tokens);
  return tokens;
}

function* splitRuns(text: string): Generator<[part: string, kind: 'text' | 'run']> {
  let from = 0;
  for (const match of text.matchAll(LONG_RUN)) {
    if (match.index > from) yield [text.slice(from, match.index), 'text'];
    yield [match[0], 'run'];
    from = match.index + match[0].length;
  }
  if (from < text.length) yield [text.slice(from), 'text'];
}

function remember(text: string, tokens: number): void {
  const oldest = cache.keys().next();
  if (cache.size >= CACHE_ENTRIES && !oldest.done) cache.delete(oldest.value);
  cache.set(text, tokens);
}
