import { cleanFileText } from '../text/clean-text.ts';

/**
 * How closely a line of a hunk has to resemble a line of the file, strictest first. `indentation` and `shown` compare
 * without the leading blanks, which are then required to differ in one uniform way (see reindent.ts).
 */
export const MATCH_LEVELS = ['exact', 'trailing_space', 'indentation', 'shown'] as const;
export type MatchLevel = (typeof MATCH_LEVELS)[number];

const KEY: Readonly<Record<MatchLevel, (text: string) => string>> = {
  exact: (text) => text,
  trailing_space: (text) => text.trimEnd(),
  indentation: (text) => text.trim(),
  shown: (text) => asciiPunctuation(text.normalize('NFC')).trim(),
};

export function asciiPunctuation(text: string): string {
  return text
    .replace(/[\u2018\u2019\u201A\u201B\u2032]/g, "'")
    .replace(/[\u201C\u201D\u201E\u201F\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, ' ')
    .replace(/\u2026/g, '...');
}

const MAX_PLACES = 50;
const MAX_COMPARISONS = 10;

interface Level {
  readonly ids: ReadonlyMap<string, number>;
  /** For each line of the file the number of its key. */
  readonly file: readonly number[];
}

/** The lines of one file, prepared for many searches: equal lines have equal numbers, for each level. */
export class LineIndex {
  readonly texts: readonly string[];
  readonly #levels = new Map<MatchLevel, Level>();
  #shown: readonly string[] | null = null;
  #places: Map<string, number[]> | null = null;
  #comparisonsLeft = MAX_COMPARISONS;

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  /** The lines as a model was shown them: without invisible characters and secrets. */
  get shown(): readonly string[] {
    // As one text, since some secrets span lines; cleaning keeps the number of lines.
    this.#shown ??= this.texts.length === 0 ? [] : cleanFileText(this.texts.join('\n')).split('\n');
    return this.#shown;
  }

  /** Starts of all places where `block` stands, in order, at most `limit`. Linear in file and block, whatever they hold. */
  find(block: readonly string[], level: MatchLevel, limit: number): number[] {
    const { ids, file } = this.#level(level);
    const needle: number[] = [];
    for (const text of block) {
      const id = ids.get(KEY[level](level === 'shown' ? cleanFileText(text) : text));
      if (id === undefined) return [];
      needle.push(id);
    }
    return needle.length === 0 ? [] : search(file, needle, limit);
  }

  /** Where a line stands, whatever blanks surround it; null for one that stands in too many places to say anything. */
  placesOf(text: string): readonly number[] | null {
    this.#places ??= this.#collectPlaces();
    const places = this.#places.get(text.trim()) ?? [];
    return places.length > MAX_PLACES ? null : places;
  }

  /** Whether the file may once more be compared letter by letter: a reply may hold hundreds of hunks that do not fit. */
  takeComparison(): boolean {
    this.#comparisonsLeft -= 1;
    return this.#comparisonsLeft >= 0;
  }

  #collectPlaces(): Map<string, number[]> {
    const all = new Map<string, number[]>();
    this.texts.forEach((text, i) => {
      const places = all.get(text.trim());
      if (places === undefined) all.set(text.trim(), [i]);
      else if (places.length <= MAX_PLACES) places.push(i);
    });
    return all;
  }

  #level(level: MatchLevel): Level {
    const known = this.#levels.get(level);
    if (known) return known;
    const ids = new Map<string, number>();
    const file = (level === 'shown' ? this.shown : this.texts).map((text) => {
      const key = KEY[level](text);
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      return id;
    });
    this.#levels.set(level, { ids, file });
    return { ids, file };
  }
}

/** Knuth, Morris and Pratt: a file of equal lines must not make a search quadratic. */
function search(file: readonly number[], needle: readonly number[], limit: number): number[] {
  const fallback = [0];
  for (let i = 1, k = 0; i < needle.length; i++) {
    while (k > 0 && needle[i] !== needle[k]) k = fallback[k - 1] as number;
    if (needle[i] === needle[k]) k += 1;
    fallback.push(k);
  }
  const found: number[] = [];
  for (let i = 0, k = 0; i < file.length && found.length < limit; i++) {
    while (k > 0 && file[i] !== needle[k]) k = fallback[k - 1] as number;
    if (file[i] === needle[k]) k += 1;
    if (k === needle.length) {
      found.push(i - k + 1);
      k = fallback[k - 1] as number;
    }
  }
  return found;
}
