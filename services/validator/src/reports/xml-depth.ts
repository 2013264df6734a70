/** What begins with the one ends with the other, whatever is between. */
const OPAQUE = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/**
 * The deepest nesting of elements, in one pass without recursion: parsers are only given what this has seen. Throws on
 * what never ends.
 */
export function xmlDepth(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const opaque = OPAQUE.find(([begin]) => text.startsWith(begin, at));
    if (opaque !== undefined) {
      at = after(text, opaque[1], at + opaque[0].length);
    } else if (text[at + 1] === '/') {
      depth--;
      at = after(text, '>', at);
    } else {
      at = endOfTag(text, at);
      if (text[at - 2] !== '/') most = Math.max(most, ++depth);
    }
  }
  return most;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  if (found < 0) throw new Error('not XML: it ends in the middle');
  return found + end.length;
}

/** Behind the `>` that closes the tag; one within a quoted value does not. */
function endOfTag(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '>') return at + 1;
    if (character === '"' || character === "'") at = after(text, character, at + 1) - 1;
  }
  throw new Error('not XML: it ends in the middle');
}
