import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends what a killed validator left behind. Bubblewrap whose first process dies before the user namespace is set up stays
 * for ever, waiting; it has not started any command then. `any`: the user id is a slot's, so all of its processes go.
 * Gives how many it ended.
 */
export function endLeftovers({ uid, any }: { readonly uid: number; readonly any: boolean }): number {
  let ended = 0;
  if (process.platform !== 'linux') return ended;
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) !== uid || /^State:\s+Z/m.test(status)) continue;
      const orphaned = /^PPid:\s+1$/m.test(status) && process.pid !== 1;
      if (any || (orphaned && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(OURS)))
        ended += process.kill(pid, 'SIGKILL') ? 1 : 0;
    } catch {
      // It ended meanwhile.
    }
  }
  return ended;
}

/** How bubblewrap's command line begins when this program starts it. */
const OURS = ['/usr/bin/bwrap', '--args', '3', '--json-status-fd', '4', '--', '/bin/sh', '-c', 'echo >&6;'].join('\0');
