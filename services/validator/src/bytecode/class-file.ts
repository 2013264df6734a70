/** What a class file says of itself. */
export interface ClassFile {
  /** In the form java/lang/Object. */
  readonly name: string;
  /** 65 is Java 21. */
  readonly major: number;
  /** As the compiler was given it, without folders; null: it does not say. */
  readonly sourceFile: string | null;
  /** All texts of the constant pool: names of classes, descriptors and strings. */
  readonly texts: readonly string[];
  /** null: java.lang.Object alone has none. */
  readonly superName: string | null;
  /** Other code can name it. */
  readonly isPublic: boolean;
  /** Public and protected fields and methods, as `name descriptor`; fields have no parentheses. */
  readonly members: readonly string[];
}

const MAGIC = 0xcafebabe;
const PUBLIC = 0x0001;
/** Public or protected. */
const VISIBLE = 0x0005;
const SYNTHETIC = 0x1000;
/** Bytes behind the tag, by tag; text (1) is of its own length. Long and double (5, 6) take two places. */
const SIZES: Readonly<Record<number, number>> = {
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 2,
  8: 2,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  15: 3,
  16: 2,
  17: 4,
  18: 4,
  19: 2,
  20: 2,
};

/** Reads a class file; null for what is none. Every read is within the bytes given: they may be anything. */
export function readClassFile(bytes: Buffer): ClassFile | null {
  try {
    return bytes.length > 24 && bytes.readUInt32BE(0) === MAGIC ? parse(bytes) : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function parse(bytes: Buffer): ClassFile | null {
  const texts = new Map<number, string>();
  const classes = new Map<number, number>();
  const count = bytes.readUInt16BE(8);
  let at = 10;
  for (let index = 1; index < count; index++) {
    const tag = bytes.readUInt8(at);
    if (tag === 1) {
      const length = bytes.readUInt16BE(at + 1);
      texts.set(index, bytes.toString('utf8', at + 3, at + 3 + length));
      at += 3 + length;
      continue;
    }
    const size = SIZES[tag];
    if (size === undefined) return null;
    if (tag === 7) classes.set(index, bytes.readUInt16BE(at + 1));
    if (tag === 5 || tag === 6) index++;
    at += 1 + size;
  }
  const classAt = (place: number) => texts.get(classes.get(bytes.readUInt16BE(place)) ?? 0);
  const name = classAt(at + 2);
  if (name === undefined) return null;
  const flags = bytes.readUInt16BE(at);
  const superName = classAt(at + 4) ?? null;
  at += 8 + 2 * bytes.readUInt16BE(at + 6);
  const members: string[] = [];
  // Fields and methods have the same form: flags, name, descriptor, attributes.
  for (let kind = 0; kind < 2; kind++) {
    const memberCount = bytes.readUInt16BE(at);
    at += 2;
    for (let member = 0; member < memberCount; member++) {
      const memberFlags = bytes.readUInt16BE(at);
      if ((memberFlags & VISIBLE) !== 0 && (memberFlags & SYNTHETIC) === 0)
        members.push(`${texts.get(bytes.readUInt16BE(at + 2))} ${texts.get(bytes.readUInt16BE(at + 4))}`);
      at = afterAttributes(bytes, at + 6);
    }
  }
  return {
    name,
    superName,
    members,
    major: bytes.readUInt16BE(6),
    isPublic: (flags & PUBLIC) !== 0 && (flags & SYNTHETIC) === 0,
    sourceFile: sourceFileOf(bytes, at, texts),
    texts: [...texts.values()],
  };
}

function afterAttributes(bytes: Buffer, start: number): number {
  let at = start + 2;
  for (let left = bytes.readUInt16BE(start); left > 0; left--) at += 6 + bytes.readUInt32BE(at + 2);
  return at;
}

function sourceFileOf(bytes: Buffer, start: number, texts: ReadonlyMap<number, string>): string | null {
  let at = start + 2;
  for (let left = bytes.readUInt16BE(start); left > 0; left--) {
    if (texts.get(bytes.readUInt16BE(at)) === 'SourceFile') return texts.get(bytes.readUInt16BE(at + 6)) ?? null;
    at += 6 + bytes.readUInt32BE(at + 2);
  }
  return null;
}
