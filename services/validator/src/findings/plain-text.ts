import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';

// Escape sequences as ECMA-48 has them: CSI, OSC (ended by BEL or ST), and two-character ones.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be found.
const ESCAPES =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|\u009b[0-?]*[ -/]*[@-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; tab and newline stay.
const CONTROLS =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** What a command printed, as text that can be stored and shown: no escape codes, no invisible characters, no secrets. */
export function plainText(text: string, layout?: Pick<BoxLayout, 'work'>): string {
  const bare = text
    .replace(ESCAPES, '')
    .replace(/\r+\n/g, '\n')
    // A progress line that was overwritten: only its last state.
    .replace(/^[^\n]*\r(?=[^\n])/gm, '')
    .replaceAll('\r', '')
    .replace(CONTROLS, '');
  const masked = maskSecrets(bare);
  return layout === undefined
    ? masked
    : masked.replaceAll(`file://${layout.work}/`, '').replaceAll(`${layout.work}/`, '');
}
