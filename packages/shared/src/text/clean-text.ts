import { maskSecrets } from '../boot/redact.ts';
import type { WriteMask } from './secret-shapes.ts';

/** What nobody sees, or what changes the order in which the rest is seen: zero width, tags, bidirectional controls. */
const INVISIBLE =
  /(?!\p{Join_Control}|[\ufe00-\ufe0f])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]|(?![\t\n])\p{Cc}/gu;
/** Joiners and variation selectors belong into emoji and some scripts, where one of each follows a character. */
const JOINERS = /(?:\p{Join_Control}|[\ufe00-\ufe0f])+/gu;
const KEYCAP = '\u20e3';

/** Text as a person sees it: without invisible characters. The count of line feeds stays. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(JOINERS, (run, offset: number, whole: string) => {
      const before = whole[offset - 1] ?? '\n';
      const after = whole[offset + run.length] ?? '\n';
      if (before <= '~') return run === '\ufe0f' && after === KEYCAP ? run : '';
      const kept = /^[\ufe00-\ufe0f]?\p{Join_Control}?/u.exec(run)?.[0] ?? '';
      return after <= '~' ? kept.replace(/\p{Join_Control}$/u, '') : kept;
    });
}

/** As a person sees it, and without secrets. Line n of the text is line n of the result. */
export const cleanLines = (text: string, write?: WriteMask): string => maskSecrets(visibleText(text), write);

/** The same with every line ended by \n. */
export const cleanText = (text: string, write?: WriteMask): string => cleanLines(text.replace(/\r\n?/g, '\n'), write);
