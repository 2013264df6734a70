import { createHash } from 'node:crypto';

/**
 * Data for a model between tags whose name ends in a code made from the data: the same data gives the same bytes, and
 * nobody who writes a task or a file can close the tag from inside.
 */
export function frame(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  text: string,
  code = frameCode([text]),
): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `<${tag}-${code}${written.join('')}>\n${text}\n</${tag}-${code}>`;
}

/** A code for several frames, made from all that they hold. */
export function frameCode(data: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of data) hash.update(part);
  return hash.digest('hex').slice(0, 8);
}
