import { maskSecrets } from './mask-secrets.ts';

/** Characters that are not seen, or that change the order in which others are seen (zero-width, bidi, tags, soft hyphen). */
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu;
/** Joiners belong into emoji and some scripts; beside ASCII they only hide. */
const STRAY_JOINER = /(?<=^|[\t-~])[\u200C\u200D]+|[\u200C\u200D]+(?=[\t-~]|$)/gu;
/** Control characters other than tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

/** A text of a repository as a model may see it: the same lines, without invisible characters and secrets. */
export function cleanFileText(text: string): string {
  return maskSecrets(text.replace(INVISIBLE, '').replace(STRAY_JOINER, '').replace(CONTROL, '\uFFFD'));
}

/** A text that people or programs wrote for the pipeline: also without HTML comments, which no reader of the page sees. */
export function cleanProse(text: string): string {
  return cleanFileText(text.replace(/<!--[\s\S]*?(?:-->|$)/g, ''))
    .replace(/\r\n?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
