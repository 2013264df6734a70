import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { findByGlob } from '../workspace/folder-globs.ts';

/** Bytes of a class with the place that it was found at: a file, or `file!entry` within a jar. */
export interface FoundClass {
  readonly place: string;
  readonly bytes: Buffer;
}

const MAX_CLASSES = 50_000;
const MAX_JARS = 200;
const MAX_CLASS_BYTES = 4 * 1024 * 1024;
const MAX_JAR_BYTES = 256 * 1024 * 1024;
/** What a jar unpacks to at most: it may be a bomb. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;
const SKIPPED = ['.git', 'node_modules', '.gradle', '.m2', 'vendor'];

/** Every class that lies in the workspace or in a jar there, but for jars of the repository itself. Follows no link. */
export async function* findClasses(work: string, tracked: ReadonlySet<string>): AsyncGenerator<FoundClass> {
  const classes = await findByGlob(work, { globs: ['**/*.class'], kind: 'file', skip: SKIPPED });
  for (const place of classes.slice(0, MAX_CLASSES)) {
    const bytes = await readRegular(join(work, place), MAX_CLASS_BYTES);
    if (bytes !== null) yield { place, bytes };
  }
  const jars = await findByGlob(work, { globs: ['**/*.jar'], kind: 'file', skip: SKIPPED });
  for (const place of jars.filter((path) => !tracked.has(path)).slice(0, MAX_JARS)) {
    const bytes = await readRegular(join(work, place), MAX_JAR_BYTES);
    if (bytes !== null)
      for await (const entry of classesOf(bytes)) yield { place: `${place}!${entry.place}`, bytes: entry.bytes };
  }
}

/** Opened without following a link or waiting for the other end of a pipe: the command may have left anything. */
async function readRegular(path: string, maxBytes: number): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= maxBytes ? await file.readFile() : null;
  } finally {
    await file.close();
  }
}

async function* classesOf(jar: Buffer): AsyncGenerator<FoundClass> {
  try {
    const zip = await fromBufferPromise(jar, { validateEntrySizes: true });
    let left = MAX_UNPACKED_BYTES;
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.class') || entry.fileName.startsWith('META-INF/versions/')) continue;
      left -= entry.uncompressedSize;
      if (entry.uncompressedSize > MAX_CLASS_BYTES || left < 0) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      yield { place: entry.fileName, bytes: Buffer.concat(chunks) };
    }
  } catch {
    // No jar after all: what cannot be read as one cannot be loaded as one.
  }
}
