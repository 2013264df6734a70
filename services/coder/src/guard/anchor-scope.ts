/** Lines `from` to `to` (exclusive) that an anchor encloses. */
export interface Scope {
  readonly from: number;
  readonly to: number;
}

/**
 * The stretches of a file that `@@` anchors name, from the outside to the inside: from the anchor's line to the end of
 * its block, judged by indentation. Empty if an anchor is not in the file.
 */
export function anchorScopes(texts: readonly string[], anchors: readonly string[]): Scope[] {
  let scopes: Scope[] = [{ from: 0, to: texts.length }];
  for (const anchor of anchors)
    scopes = scopes.flatMap((scope) => linesLike(texts, anchor, scope).map((line) => blockAt(texts, line, scope.to)));
  return scopes;
}

/** Lines that are the anchor, else lines that begin with it, else lines that hold it: models shorten signatures. */
function linesLike(texts: readonly string[], anchor: string, { from, to }: Scope): number[] {
  const wanted = anchor.trim();
  const tests: readonly ((text: string) => boolean)[] = [
    (text) => text === wanted,
    (text) => text.startsWith(wanted),
    (text) => text.includes(wanted),
  ];
  for (const test of tests) {
    const found: number[] = [];
    for (let i = from; i < to; i++) if (test((texts[i] as string).trim())) found.push(i);
    if (found.length > 0) return found;
  }
  return [];
}

function blockAt(texts: readonly string[], line: number, limit: number): Scope {
  const indent = widthOf(texts[line] as string);
  for (let i = line + 1; i < limit; i++) {
    const text = texts[i] as string;
    if (text.trim() === '' || widthOf(text) > indent) continue;
    // ") {" ends a signature, "} else {" goes on, "{" opens on its own line.
    if (/^\s*(?:[)\]{]|\}.*\{\s*$)/.test(text)) continue;
    return { from: line, to: /^\s*(?:\}|end\b)/.test(text) ? i + 1 : i };
  }
  return { from: line, to: limit };
}

const widthOf = (text: string): number => (/^[\t ]*/.exec(text)?.[0] ?? '').replace(/\t/g, '    ').length;
