import { type Finding, finding } from './problem.ts';

/** The bytes of a task file as text, or what is wrong with them. */
export function decodeTaskFile(bytes: Uint8Array): { readonly text: string } | { readonly problem: Finding } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return notUtf8(1, 'it begins with the mark of UTF-16 (little-endian)');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return notUtf8(1, 'it begins with the mark of UTF-16 (big-endian)');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const line = firstBrokenLine(bytes);
    return notUtf8(line, `line ${line} holds bytes that are no characters`);
  }
}

const notUtf8 = (line: number, reason: string) => ({ problem: finding('FILE_ENCODING', { line }, { reason }) });

/** A line feed is never part of a longer sequence in UTF-8, so each line can be tried alone. */
function firstBrokenLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}

/**
 * The text as everything below reads it: no byte order mark, line feeds only, and nothing that a database refuses to
 * store. Line numbers stay those of the file.
 */
export function normaliseText(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replaceAll('\0', '\uFFFD')
    .toWellFormed();
}
