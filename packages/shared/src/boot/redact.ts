import { maskShapes, type WriteMask } from '../text/secret-shapes.ts';

/**
 * Keeps secrets out of everything that leaves the process: by value (every secret that the process was given) and by
 * shape (keys of known vendors, passwords in URLs). One register for the process, because text leaves in many places and
 * a secret must be masked in all of them.
 */
export const MASK = '***';

/** Shorter values would mask ordinary words. */
const MIN_SECRET_LENGTH = 8;

const secrets = new Set<string>();
let byValue: RegExp | null = null;

/** Masks these values from now on, as they are and as JSON, URLs and base64 write them. */
export function registerSecrets(values: Iterable<string | undefined>): void {
  for (const value of values) {
    if (value === undefined) continue;
    for (const text of [value, ...passwordsOf(value)]) {
      if (text.length < MIN_SECRET_LENGTH) continue;
      for (const form of [
        text,
        JSON.stringify(text).slice(1, -1),
        encodeURIComponent(text),
        Buffer.from(text).toString('base64'),
      ])
        secrets.add(form);
    }
  }
  // Longest first: a secret that contains another is masked whole.
  const forms = [...secrets]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  byValue = forms.length > 0 ? new RegExp(forms.join('|'), 'g') : null;
}

/** The password of a URL, as written and decoded, unless it only repeats the user's name. */
function passwordsOf(value: string): string[] {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.password === '' || url.password === url.username) return [];
  return [url.password, decodeSafely(url.password)];
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withMark: WriteMask = (mark) => `${mark}${MASK}`;

/**
 * The text without any secret. Safe to call on anything that is shown, stored in a log, or sent. Masks in place: line n
 * stays line n. `write` says how a secret is written instead.
 */
export function maskSecrets(text: string, write: WriteMask = withMark): string {
  const known = byValue === null ? text : text.replace(byValue, (value) => value.replace(/[^\n]+/g, () => write('')));
  return maskShapes(known, write);
}

const SECRET_KEY =
  /^(?:.*[_-])?(?:api[_-]?key|apikey|authorization|password|passwd|secret|token|cookie|set-cookie|private[_-]?key|webhook[_-]?url|x-api-key)$/i;

/** Plain data without secrets: values under keys that name one are masked whole, all other texts by `maskSecrets`. */
export function maskData(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 12) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => maskData(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && typeof item === 'string' && item !== '' ? MASK : maskData(item, depth + 1),
    ]),
  );
}

/** For tests: forgets every registered value. */
export function forgetSecrets(): void {
  secrets.clear();
  byValue = null;
}
