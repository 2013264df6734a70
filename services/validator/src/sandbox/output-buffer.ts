/** Keeps the beginning and the end of what a command prints, whatever its length. */
export class OutputBuffer {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  totalBytes = 0;

  constructor({ headBytes, tailBytes }: { readonly headBytes: number; readonly tailBytes: number }) {
    this.#headBytes = headBytes;
    this.#tailBytes = tailBytes;
  }

  add(chunk: Buffer): void {
    this.totalBytes += chunk.length;
    const room = this.#headBytes - this.#headLength;
    let rest = chunk;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      // Copied: a small part must not keep a large chunk in memory.
      this.#head.push(Buffer.from(part));
      this.#headLength += part.length;
      rest = chunk.subarray(part.length);
    }
    if (rest.length === 0) return;
    this.#tail.push(Buffer.from(rest.subarray(-this.#tailBytes)));
    this.#tailLength += Math.min(rest.length, this.#tailBytes);
    while (this.#tail.length > 1 && this.#tailLength - (this.#tail[0]?.length ?? 0) >= this.#tailBytes)
      this.#tailLength -= this.#tail.shift()?.length ?? 0;
    if (this.#tail.length > 256) this.#tail = [Buffer.concat(this.#tail)];
  }

  /** UTF-8 with replacement characters; NUL bytes, which a database cannot hold, are dropped. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail).subarray(-this.#tailBytes);
    const cut = this.totalBytes - head.length - tail.length;
    const parts =
      cut > 0
        ? [head.toString('utf8'), `\n[… ${cut} bytes left out …]\n`, tail.toString('utf8')]
        : [Buffer.concat([head, tail]).toString('utf8')];
    return parts.join('').replaceAll('\0', '');
  }
}
