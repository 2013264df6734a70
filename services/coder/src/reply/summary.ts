const MAX_SUMMARY_CHARS = 600;

/**
 * The model's own short account of its change: the first paragraph of prose around the edits, as one line. Headings,
 * list markers and paths that only announce a block are left out. May be empty.
 */
export function summarise(prose: readonly string[]): string {
  const paragraphs: string[][] = [[]];
  for (const line of prose) {
    const text = line
      .replace(/<\/?[a-z]+>/gi, '')
      .replace(/^\s*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+|>\s?)/, '')
      .replace(/^\s*\**summary\**\s*:\**\s*/i, '')
      .trim();
    if (text === '') paragraphs.push([]);
    else if (/[\p{L}\p{N}]+\s+[\p{L}\p{N}`'"]/u.test(text)) paragraphs.at(-1)?.push(text);
  }
  const first = paragraphs.find((paragraph) => paragraph.length > 0)?.join(' ') ?? '';
  return first.length <= MAX_SUMMARY_CHARS ? first : `${first.slice(0, MAX_SUMMARY_CHARS - 1).trimEnd()}…`;
}
