import type { AttackCase } from '../attack-case.ts';
import { addFile, refusedChange, refusedReply } from '../edits.ts';

/** Paths that lead out of the repository, into git's own folder, or to another file on some file system. */
const PATHS: Readonly<Record<string, string>> = {
  'up one folder': '../canary',
  absolute: '/etc/canary',
  'up and away': 'a/../../canary',
  'a drive': 'C:\\canary',
  backslashes: '..\\canary',
  'a NUL': 'a\0b',
  'four kilobytes': 'x'.repeat(4_100),
  "git's hooks": '.git/hooks/post-checkout',
  "git's configuration in capitals": '.GIT/config',
  'a trailing dot': '.git./config',
  'a short name': 'git~1/config',
  nested: 'vendor/.git/config',
  'an alternate stream': '.git::$INDEX_ALLOCATION/config',
  'characters that a file system drops': '.g\u200cit/config',
};

export default Object.entries(PATHS).flatMap(([name, path]) => [
  refusedReply({
    row: 14,
    name: `the guard: ${name}`,
    reply: addFile(path),
    codes: ['PATH_REJECTED', 'NO_PATH', 'MALFORMED_PATCH', 'UNSUPPORTED_FORMAT'],
  }),
  refusedChange({
    row: 14,
    name: `past the guard: ${name}`,
    files: { [path]: 'x', 'fine.txt': 'y' },
    code: 'EDIT_REJECTED',
  }),
]) satisfies AttackCase[];
