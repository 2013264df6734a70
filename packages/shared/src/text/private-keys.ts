/** The first line of a private key in PEM or OpenPGP armour. */
export const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/** Longer than names in code are; a line of a key has 64 of these. */
const KEY_CHARACTERS = /[A-Za-z0-9+/=]{32}/;
const ONLY_KEY_CHARACTERS = /^\s*[A-Za-z0-9+/]{4,}={0,2}\s*$/;

/**
 * The text with the bodies of private keys masked. Lines stay lines, and the lines that frame a key stay. Code that only
 * names those lines is no key. A key whose end was cut off is one as far as its lines look like one.
 */
export function maskPrivateKeys(text: string, mask: string): string {
  let out = '';
  let from = 0;
  for (const { index, 0: begin } of text.matchAll(new RegExp(PRIVATE_KEY, 'g'))) {
    const start = index + begin.length;
    const dashes = text.indexOf('-----', start);
    const end = dashes === -1 ? text.length : dashes;
    const lines = text.slice(start, end).split('\n');
    const length = text.startsWith('-----END ', end) ? closedLength(lines) : openLength(lines);
    out += text.slice(from, start) + lines.map((line, i) => (i < length ? maskLine(line, i, mask) : line)).join('\n');
    from = end;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** How many lines between a beginning and an end are a key: all or none. */
const closedLength = (lines: readonly string[]): number =>
  lines.some((line) => KEY_CHARACTERS.test(line) || ONLY_KEY_CHARACTERS.test(line)) ? lines.length : 0;

/** How many lines after a beginning without an end are a key. */
function openLength(lines: readonly string[]): number {
  let length = KEY_CHARACTERS.test(lines[0] as string) || KEY_CHARACTERS.test(lines[1] ?? '') ? 1 : 0;
  if (length === 0) return 0;
  while (length < lines.length && KEY_CHARACTERS.test(lines[length] as string)) length += 1;
  // The last line of a key may be short.
  return ONLY_KEY_CHARACTERS.test(lines[length] ?? '') ? length + 1 : length;
}

/** The first line is what stands behind the frame: masked too, so that the key is seen to be left out. */
const maskLine = (line: string, i: number, mask: string): string =>
  i === 0 ? ` ${mask}` : line.replace(/\S(?:[^\n]*\S)?/, () => mask);
