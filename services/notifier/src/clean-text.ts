import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';

/** Characters that nobody sees and that change how text reads: controls, bidirectional marks, zero width, tags. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]|(?![\t\n])\p{Cc}/gu;

/** Text of a model, a task or a test that may be shown: without secrets and hidden characters, lines ended by \n. */
export const cleanText = (text: string): string =>
  maskSecrets(text).replace(/\r\n?/g, '\n').replace(INVISIBLE, '').toWellFormed();

/** At most so many characters, the last one an ellipsis where something was left out. */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
