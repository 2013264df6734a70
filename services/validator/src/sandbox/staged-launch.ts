import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * How bubblewrap is started when the process is root. It must never run as uid 0, not even outside: root's own files and
 * /proc/sys would be writable from inside. So it is started as the slot's user, who cannot enter folders such as /root;
 * what lies in those is first bound, in a mount namespace of this run alone, below a folder that the user may enter.
 */
export interface StagedLaunch {
  readonly argv: readonly string[];
  /** Where the user reaches a path of the machine. */
  readonly reach: (path: string) => string;
}

const SCRIPT = `set -e
stage=$1 uid=$2 count=$3 mount=$4 setpriv=$5
shift 5
"$mount" -t tmpfs -o mode=0711,size=1m stage "$stage"
i=0
while [ "$i" -lt "$count" ]; do
  if [ -d "$1" ]; then mkdir "$stage/$i"; else : > "$stage/$i"; fi
  "$mount" --rbind "$1" "$stage/$i"
  shift
  i=$((i + 1))
done
exec "$setpriv" --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs -- "$@"`;

/** `stageDir`: an empty folder that anybody may enter; the mounts on it are seen by this run alone. */
export function stagedLaunch(
  uid: number,
  stageDir: string,
  sources: readonly string[],
  command: readonly string[],
): StagedLaunch {
  const hidden = sources.filter((path) => !anybodyMayEnter(path));
  const staged = new Map(hidden.map((path, index) => [path, join(stageDir, String(index))]));
  return {
    argv: [
      systemTool('unshare'),
      '--mount',
      '--propagation',
      'private',
      '--',
      '/bin/sh',
      '-c',
      SCRIPT,
      'stage',
      stageDir,
      String(uid),
      String(hidden.length),
      systemTool('mount'),
      systemTool('setpriv'),
      ...hidden,
      ...command,
    ],
    // The longest source that holds the path.
    reach: (path) => {
      for (let folder = path; ; folder = dirname(folder)) {
        const at = staged.get(folder);
        if (at !== undefined) return join(at, path.slice(folder.length));
        if (folder === dirname(folder)) return path;
      }
    },
  };
}

/** Every folder on the way to the path lets others through. */
export function anybodyMayEnter(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Absolute, because the environment, with its PATH, is the command's. */
export function systemTool(name: string): string {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin'])
    if (existsSync(join(folder, name))) return join(folder, name);
  return join('/usr/bin', name);
}
