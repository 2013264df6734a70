import { SECRET_MASK } from '../text/secret-mask.ts';
import { type Complaint, complaint } from './rejection.ts';

const BIDI_CONTROL = /[\u202A-\u202E\u2066-\u2069]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000D-\u001A\u001C-\u001F\u007F]/;

/** What a model may not write into a file, whatever the file. */
export function forbiddenText(text: string, maxLineBytes: number): Complaint | null {
  if (Buffer.byteLength(text) > maxLineBytes)
    return complaint('TOO_LARGE', `A written line has more than ${maxLineBytes} bytes.`);
  if (CONTROL.test(text))
    return complaint(
      'FORBIDDEN_CHARACTER',
      'A written line holds a control character: use an escape sequence of the language.',
    );
  if (BIDI_CONTROL.test(text)) {
    return complaint(
      'FORBIDDEN_CHARACTER',
      'A written line holds a bidirectional control character, which hides what the line says: use an escape sequence of the language.',
    );
  }
  if (!text.isWellFormed()) return complaint('FORBIDDEN_CHARACTER', 'A written line holds half of a surrogate pair.');
  if (text.includes(SECRET_MASK)) {
    return complaint(
      'MASKED_SECRET',
      `A written line holds "${SECRET_MASK}", which stands for a value that is not shown. Leave such lines unchanged, and read secrets from the environment.`,
    );
  }
  return null;
}
