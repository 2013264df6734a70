import { readdirSync, readFileSync, statSync } from 'node:fs';

/** What all processes below one hold. Linux only. */
export interface TreeUsage {
  readonly pids: readonly number[];
  /** Processes and threads. */
  readonly threads: number;
  readonly residentBytes: number;
  /** Time of the processor that they took, with that of their children that have ended. */
  readonly cpuMs: number;
}

const PAGE_BYTES = 4096;
/** The kernel counts in hundredths of a second for whoever asks. */
const MS_PER_TICK = 10;

/** Measures `root` and everything below it. */
export const measureTree = (root: number): TreeUsage => measure(descendants(root));

/** Measures everything that a user of the machine runs. */
export const measureUser = (uid: number): TreeUsage =>
  measure(
    list('/proc')
      .filter((name) => /^\d+$/.test(name) && statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid === uid)
      .map(Number),
  );

/** Processes that end meanwhile are left out. */
function measure(pids: readonly number[]): TreeUsage {
  let threads = 0;
  let residentBytes = 0;
  let ticks = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === null) continue;
    // The name is in parentheses and may hold anything; the numbers follow the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    threads += Number(fields[17] ?? 1);
    // Its own in user and kernel mode, and that of children it has waited for.
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    residentBytes += Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0) * PAGE_BYTES;
  }
  return { pids, threads, residentBytes, cpuMs: ticks * MS_PER_TICK };
}

/** Memory of a process with shared pages divided among their users; the resident size where that is not readable. */
export function proportionalBytes(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const kib = rollup === null ? null : /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  if (kib !== null && kib !== undefined) return Number(kib) * 1024;
  return Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0) * PAGE_BYTES;
}

function descendants(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const task of list(`/proc/${pid}/task`))
      for (const child of (read(`/proc/${pid}/task/${task}/children`) ?? '').split(' '))
        if (child !== '') found.push(Number(child));
  }
  return found;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
