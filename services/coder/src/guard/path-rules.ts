import { type Complaint, complaint } from './rejection.ts';

const MAX_PATH_BYTES = 1_024;
const MAX_SEGMENT_BYTES = 255;

/**
 * The path as it may be used: relative, forward slashes, NFC, without `.` segments. Everything that could lead out of
 * the repository, into its .git on any file system, or that looks like another path is refused.
 */
export function normalisePath(written: string): string | Complaint {
  const refuse = (why: string) =>
    complaint(
      'PATH_REJECTED',
      `The path ${JSON.stringify(written.slice(0, 200))} ${why}. Use a path relative to the root of the repository.`,
    );
  if (written === '' || !written.isWellFormed()) return refuse('is empty or not valid text');
  if (Buffer.byteLength(written) > MAX_PATH_BYTES) return refuse(`has more than ${MAX_PATH_BYTES} bytes`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(written)) return refuse('holds a control or invisible character');
  if (written.includes('\\')) return refuse('holds a backslash');
  if (written.startsWith('/') || /^[A-Za-z]:/.test(written) || /^~(?:\/|$)/.test(written)) return refuse('is absolute');
  const segments = written
    .normalize('NFC')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0 || written.endsWith('/')) return refuse('names no file');
  for (const segment of segments) {
    if (segment === '..') return refuse('leads out of its folder with ".."');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
      return refuse(`has a part of more than ${MAX_SEGMENT_BYTES} bytes`);
    if (/[. ]$/.test(segment) || segment.startsWith(' '))
      return refuse('has a part that begins or ends with a space, or ends with a dot');
    if (isGitFolder(segment)) return refuse('points into .git');
  }
  return segments.join('/');
}

/** `.git` as Windows, macOS and their short names and streams know it. */
function isGitFolder(segment: string): boolean {
  const plain = segment
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[. ]+$/, '');
  return plain === '.git' || /^git~\d+$/.test(plain) || /^\.git[:. ]*(?:::?\$|:)/.test(plain);
}

/** Whether a word of a name mixes alphabets whose letters look alike: hardly a name that anybody meant. */
export const mixesAlphabets = (path: string): boolean =>
  (path.match(/[\p{L}\p{M}]+/gu) ?? []).some(
    (word) => /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word),
  );

/**
 * The paths that `written` may mean: in another letter case, without the folder that a model works in, or with one before
 * it, such as `a/` and `b/` of a diff.
 */
export function likelyMeant(paths: Iterable<string>, written: string): string[] {
  const folded = foldPath(written);
  const endsWith = (long: string, short: string) => long.endsWith(`/${short}`);
  const meant: string[] = [];
  for (const path of paths) {
    const own = foldPath(path);
    if (own === folded || endsWith(own, folded) || (own.includes('/') && endsWith(folded, own))) meant.push(path);
  }
  return meant;
}

/** The form in which paths are equal on file systems that ignore case and composition. */
export const foldPath = (path: string): string => path.normalize('NFC').toLowerCase();
