import { execFileSync } from 'node:child_process';
import type { TreeUsage } from './process-tree.ts';

/** One line of `ps -axo pid=,ppid=,rss=,time=,lstart=`. */
interface MacProcess {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
  readonly cpuMs: number;
  /** With the pid, its identity. */
  readonly started: string;
}

const listed = (): MacProcess[] =>
  readProcesses(
    execFileSync('/bin/ps', ['-axo', 'pid=,ppid=,rss=,time=,lstart='], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    }),
  );

export function readProcesses(text: string): MacProcess[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+([\d:.-]+)\s+(\S.*?)\s*$/.exec(line);
    if (match === null) return [];
    const [, pid, parent, kib, time = '', started = ''] = match;
    return [
      { pid: Number(pid), parent: Number(parent), residentBytes: Number(kib) * 1024, cpuMs: timeMs(time), started },
    ];
  });
}

/** `[days-][hours:]minutes:seconds.hundredths` */
function timeMs(text: string): number {
  const [days, clock = ''] = text.includes('-') ? (text.split('-') as [string, string]) : ['0', text];
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}

export interface MacTree {
  /** Everything below a process, and what was once seen there and has left it since. */
  measure(root: number): TreeUsage;
  /** Ends whatever was ever seen; gives how many it ended. */
  endAll(): number;
}

/**
 * There are no process namespaces, so what leaves the tree is known only if it was seen in it before. `list` and `kill`
 * are the machine's.
 */
export function watchTree(
  list: () => readonly MacProcess[] = listed,
  kill: (pid: number) => void = (pid) => process.kill(pid, 'SIGKILL'),
): MacTree {
  const seen = new Map<number, string>();
  const alive = () => list().filter(({ pid, started }) => seen.get(pid) === started);
  return {
    measure(root) {
      const all = list();
      const members = all.filter(({ pid, started }) => pid === root || seen.get(pid) === started);
      const pids = new Set(members.map(({ pid }) => pid));
      for (const member of members)
        for (const each of all)
          if (each.parent === member.pid && !pids.has(each.pid)) {
            pids.add(each.pid);
            members.push(each);
          }
      for (const { pid, started } of members) seen.set(pid, started);
      return {
        pids: [...pids],
        threads: members.length,
        residentBytes: members.reduce((sum, each) => sum + each.residentBytes, 0),
        cpuMs: members.reduce((sum, each) => sum + each.cpuMs, 0),
      };
    },
    endAll() {
      let ended = 0;
      for (const { pid } of alive()) {
        try {
          kill(pid);
          ended++;
        } catch {
          // It ended meanwhile.
        }
      }
      return ended;
    },
  };
}
