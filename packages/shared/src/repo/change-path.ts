const MAX_PATH_BYTES = 4_000;
const MAX_NAME_BYTES = 255;
// Characters that HFS+ ignores in names, so that ".g<zero width>it" is ".git" there.
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Why a path may not be written by a change, or null if it may. Paths are relative to the root with forward slashes;
 * whatever any common file system could take for another place, or for git's own folder, is refused everywhere.
 */
export function unsafePath(path: string): string | null {
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (/\p{Cc}/u.test(path)) return 'holds a control character';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is not relative to the repository';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  for (const name of path.split('/')) {
    if (name === '') return 'has an empty part';
    if (name === '.' || name === '..') return `has a part ${name}`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has a part longer than ${MAX_NAME_BYTES} bytes`;
    if (isGitFolder(name)) return 'lies in a .git folder';
    if (/[. ]$/.test(name)) return 'has a part that ends in a dot or a space';
  }
  return null;
}

function isGitFolder(name: string): boolean {
  const plain = name.replace(IGNORED_BY_HFS, '').toLowerCase();
  return /^(\.git|git~\d+)([. ]*|:.*)$/.test(plain);
}

/** Two paths with the same key are one file on a file system that ignores case or composes Unicode. */
export const caseKey = (path: string): string => path.normalize('NFC').toLowerCase().normalize('NFC');

/** All folders above a path: a/b/c gives a, a/b. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}
