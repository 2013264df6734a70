import { cleanLines } from '@orchestrator/shared/text/clean-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';

const ESC = String.fromCharCode(0x1b);
const CSI = String.fromCharCode(0x9b);
const BEL = String.fromCharCode(0x07);
/** Escape sequences as ECMA-48 has them: CSI, OSC (ended by BEL or ST), and two-character ones. */
const ESCAPES = new RegExp(
  `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]{0,4096}(?:${BEL}|${ESC}\\\\)|${ESC}[ -/]*[0-~]`,
  'g',
);

/** What a command printed, as text that can be stored and shown: no escape codes, no invisible characters, no secrets. */
export function plainText(text: string, layout?: Pick<BoxLayout, 'work'>): string {
  const bare = text
    .replace(ESCAPES, '')
    .replace(/\r+\n/g, '\n')
    // A progress line that was overwritten: only its last state.
    .replace(/^[^\n]*\r(?=[^\n])/gm, '')
    .replaceAll('\r', '');
  const clean = cleanLines(bare);
  return layout === undefined
    ? clean
    : clean.replaceAll(`file://${layout.work}/`, '').replaceAll(`${layout.work}/`, '');
}
