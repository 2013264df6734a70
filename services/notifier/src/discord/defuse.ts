import { cleanText } from '@orchestrator/shared/text/clean-text.ts';
import { cut } from '@orchestrator/shared/text/cut.ts';
import { epochSeconds, type Style } from '../told/style.ts';

/**
 * Text of a model, a task or a test as words in Discord: no mention, no masked link, no heading, quote, list or
 * formatting of its own. Discord is also told to resolve no mention at all.
 */
export function defuse(text: string, maxCharacters: number): string {
  return cut(cleanText(text).trim(), maxCharacters)
    .replace(/[\\*_~|`>[\]#<]/g, '\\$&')
    .replace(/^(\s*)([-+]|\d+\.)(?=\s)/gm, '$1\\$2')
    .replace(/@/g, '@\u200b');
}

/** The same in one line, as code: shown as it is. */
export function inCode(text: string, maxCharacters = 200): string {
  const inside = cut(cleanText(text).replace(/\s+/g, ' ').trim(), maxCharacters)
    .replaceAll('`', '\u02cb')
    .replace(/@/g, '@\u200b');
  return inside === '' ? '' : `\`${inside}\``;
}

/** Discord shows an instant in each reader's own time. */
function instant(iso: unknown): string {
  const seconds = epochSeconds(iso);
  return seconds === null ? '' : `<t:${seconds}:f> (<t:${seconds}:R>)`;
}

export const discordStyle: Style = { words: defuse, code: inCode, strong: (word) => `**${word}**`, instant };
