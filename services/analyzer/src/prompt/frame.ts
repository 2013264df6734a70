import { createHash } from 'node:crypto';

/**
 * Data for a model between delimiters that the data cannot contain: the mark is made from the data itself, so the same
 * data gives the same bytes and no author can close the frame from inside.
 */
export function frame(tag: string, attributes: Readonly<Record<string, string>>, text: string): string {
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `<${tag}${written.join('')} mark="${mark}">\n${text}\n</${tag} mark="${mark}">`;
}
