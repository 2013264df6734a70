/**
 * A text file as lines that remember their own endings, so that what an edit does not touch keeps its bytes: BOM,
 * CRLF or mixed line endings, the missing final newline.
 */
export interface TextLine {
  readonly text: string;
  /** Empty only for a last line without a newline. */
  readonly eol: '\n' | '\r\n' | '\r' | '';
}

export interface TextFile {
  readonly bom: boolean;
  readonly lines: readonly TextLine[];
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Null if the bytes are not UTF-8. */
export function decodeText(bytes: Buffer): TextFile | null {
  const bom = bytes.subarray(0, 3).equals(BOM);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bom ? bytes.subarray(3) : bytes);
    return { bom, lines: splitLines(text) };
  } catch {
    return null;
  }
}

export function encodeText(file: TextFile): Buffer {
  const body = Buffer.from(file.lines.map((line) => line.text + line.eol).join(''), 'utf8');
  return file.bom ? Buffer.concat([BOM, body]) : body;
}

export function splitLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  const ending = /\r\n|\n|\r/g;
  let from = 0;
  for (let match = ending.exec(text); match; match = ending.exec(text)) {
    lines.push({ text: text.slice(from, match.index), eol: match[0] as TextLine['eol'] });
    from = ending.lastIndex;
  }
  if (from < text.length) lines.push({ text: text.slice(from), eol: '' });
  return lines;
}

/** The ending that most lines have; `\n` for a file without any. */
export function dominantEol(lines: readonly TextLine[]): '\n' | '\r\n' | '\r' {
  const counts = { '\n': 0, '\r\n': 0, '\r': 0 };
  for (const { eol } of lines) if (eol !== '') counts[eol] += 1;
  if (counts['\r\n'] > counts['\n'] && counts['\r\n'] >= counts['\r']) return '\r\n';
  return counts['\r'] > counts['\n'] ? '\r' : '\n';
}

/** Gives every line but the last an ending, and the last one the file's own way of ending. */
export function settleEndings(lines: readonly TextLine[], original: readonly TextLine[]): TextLine[] {
  const eol = dominantEol(original);
  const endsWithNewline = original.length === 0 || original.at(-1)?.eol !== '';
  return lines.map((line, i) => {
    if (i < lines.length - 1 || endsWithNewline) return line.eol === '' ? { text: line.text, eol } : line;
    return line.eol === '' ? line : { text: line.text, eol: '' };
  });
}
