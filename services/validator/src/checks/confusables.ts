import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { addedLines, type Check } from '../check.ts';

/** Turn the order of what a reviewer sees around: the code that runs is not the code that is read. */
const BIDI = /[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u;
/** Cannot be seen: spaces without width, fillers, tags. */
const HIDDEN = /[\u200B\u2060-\u2064\u206A-\u206F\u00AD\u180E\uFEFF\u3164\u115F\u1160\u{E0000}-\u{E007F}]/u;
/** Joiners belong between emoji and the letters of some scripts, and nowhere else. */
const JOINER = /(?<!\p{L}|\p{M}|\p{Emoji}|\uFE0F)(?:\u200C|\u200D)|(?<=\p{Script=Latin})(?:\u200C|\u200D)/u;
const invisibleIn = (text: string) => HIDDEN.exec(text) ?? JOINER.exec(text);
const WORD = /[\p{L}\p{N}_$]{2,200}/gu;
const LATIN = /\p{Script=Latin}/u;
const ALIKE =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\u{FF21}-\u{FF5A}\u{1D400}-\u{1D7FF}]/u;
/** Letters that are at home among Latin ones: units and names of formulas. */
const HARMLESS = /^[µΔδΩωπθλσαβγεφΣΠ]?[A-Za-z0-9_$]*[µΔδΩωπθλσαβγεφΣΠ]?$/u;

const TEXT = /\.(md|mdx|rst|adoc|txt|json|ya?ml|properties|po|pot|csv|xml|html?|srt|strings|ftl)$/i;

/** Characters that make code look like other code. */
export default {
  id: 'confusables',
  run({ written }) {
    const findings: Finding[] = [];
    for (const file of written) {
      const add = (code: string, message: string, line?: number) =>
        findings.push({
          check: 'policy.confusables',
          code,
          // In texts for people such characters may belong to the language.
          severity: TEXT.test(file.path) && !code.endsWith('PATH') ? 'warning' : 'error',
          message,
          file: file.path,
          ...(line === undefined ? {} : { line }),
        });
      if (
        file.before === null &&
        (BIDI.test(file.path) || invisibleIn(file.path) !== null || mixedWord(file.path) !== null)
      )
        add('CONFUSABLE_PATH', 'The path holds characters that look like others or cannot be seen. Use plain letters.');
      for (const { line, text } of addedLines(file)) {
        const shown = line === 1 ? text.replace(/^\uFEFF/, '') : text;
        const bidi = BIDI.exec(shown);
        if (bidi !== null)
          add(
            'BIDI_CHARACTER',
            `The line holds ${nameOf(bidi[0])}, which changes the order that is shown. Write it as an escape.`,
            line,
          );
        const invisible = invisibleIn(shown);
        if (invisible !== null)
          add(
            'INVISIBLE_CHARACTER',
            `The line holds ${nameOf(invisible[0])}, which cannot be seen. Remove it or write it as an escape.`,
            line,
          );
        const mixed = TEXT.test(file.path) ? null : mixedWord(shown);
        if (mixed !== null)
          add(
            'CONFUSABLE_WORD',
            `"${mixed}" mixes Latin letters with ones that look alike. Use letters of one script.`,
            line,
          );
      }
    }
    return findings;
  },
} satisfies Check;

function mixedWord(text: string): string | null {
  for (const [word] of text.matchAll(WORD))
    if (LATIN.test(word) && ALIKE.test(word) && !HARMLESS.test(word)) return word;
  return null;
}

const nameOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
