import { createHash } from 'node:crypto';

/**
 * Data for a model between tags whose name ends in a code made from the data: the same data gives the same bytes, and
 * nobody who writes a task or a file can close the tag from inside.
 */
export function frame(tag: string, attributes: Readonly<Record<string, string>>, text: string): string {
  const code = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `<${tag}-${code}${written.join('')}>\n${text}\n</${tag}-${code}>`;
}
