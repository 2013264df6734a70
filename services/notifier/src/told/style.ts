/**
 * How a channel writes text of others, so that it has no power there: no mention, no link, no formatting of its own.
 * Times are ISO 8601; what is none gives ''.
 */
export interface Style {
  readonly words: (text: string, maxCharacters: number) => string;
  /** In one line, shown as it is. */
  readonly code: (text: string, maxCharacters?: number) => string;
  /** Our own word. */
  readonly strong: (word: string) => string;
  readonly instant: (iso: unknown) => string;
}

/** Seconds since 1970; null: no instant. */
export function epochSeconds(iso: unknown): number | null {
  const ms = typeof iso === 'string' ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}
