import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A YAML text with the places of its values. */
export interface YamlSource {
  readonly value: unknown;
  readonly syntaxErrors: readonly (Position & { readonly problem: string })[];
  /** Where the value at `path` stands, or the nearest that exists around it. */
  at(path: readonly PropertyKey[]): Position;
  /** Where the key at the end of `path` stands. */
  atKey(path: readonly PropertyKey[]): Position;
}

const MAX_BYTES = 256 * 1024;

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  if (Buffer.byteLength(text) > MAX_BYTES) return broken(`is larger than ${MAX_BYTES / 1024} KB`);
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntaxErrors = document.errors.map((error) => ({ ...position(error.pos[0]), problem: error.message }));
  if (syntaxErrors.length > 0) return { ...broken(''), syntaxErrors };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error));
  }
  const find = (path: readonly PropertyKey[], wantKey: 'key' | 'value'): Position => {
    const node = nearest(document, path, wantKey);
    return node?.range ? position(node.range[0]) : { line: 1, column: 1 };
  };
  return { value, syntaxErrors, at: (path) => find(path, 'value'), atKey: (path) => find(path, 'key') };
}

function broken(problem: string): YamlSource {
  const start = { line: 1, column: 1 };
  return { value: undefined, syntaxErrors: [{ ...start, problem }], at: () => start, atKey: () => start };
}

function nearest(document: Document, path: readonly PropertyKey[], want: 'key' | 'value'): Node | null {
  let node: Node | null = document.contents as Node | null;
  for (const [i, segment] of path.entries()) {
    const container: Node | null | undefined = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(container)) {
      const pair = container.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(segment),
      );
      const last = i === path.length - 1;
      next = pair && ((want === 'key' && last) || !isNode(pair.value) ? pair.key : pair.value);
    } else if (isSeq(container)) next = container.items[Number(segment)];
    if (!isNode(next)) return node;
    node = next;
  }
  return node;
}
