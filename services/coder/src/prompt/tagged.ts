import { createHash } from 'node:crypto';
import { cleanFileText } from '../text/clean-text.ts';

/**
 * Delimits data. The tag's name ends in a code made from the data themselves, so nobody who writes a task or a file can
 * know the closing tag in advance, and the same data always have the same bytes.
 */
export function taggerFor(data: readonly string[]): Tagger {
  const hash = createHash('sha256');
  for (const part of data) hash.update(`${part.length}:`).update(part);
  const code = hash.digest('hex').slice(0, 8);
  return (name, text, attributes = {}) => {
    const shown = Object.entries(attributes).map(([key, value]) => ` ${key}=${JSON.stringify(cleanFileText(value))}`);
    return `<${name}-${code}${shown.join('')}>\n${text.replace(/\n+$/, '')}\n</${name}-${code}>`;
  };
}

export type Tagger = (name: string, text: string, attributes?: Readonly<Record<string, string>>) => string;
