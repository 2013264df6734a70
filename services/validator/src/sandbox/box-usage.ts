import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { BOX } from './box-layout.ts';

const TMPFS = 0x01021994;
const MEMORY_FOLDERS = ['/tmp', '/dev/shm', BOX.home] as const;

/** Entries in the folders of a box that are memory, seen through one of its processes; 0 where they cannot be seen. */
export function measureMemoryFiles(pid: number): number {
  let files = 0;
  for (const folder of MEMORY_FOLDERS) {
    try {
      const found = statfsSync(`/proc/${pid}/root${folder}`);
      if (found.type === TMPFS) files += found.files - found.ffree;
    } catch {
      // The process has ended, or is not yet in the box.
    }
  }
  return files;
}

/** Sockets in the network namespace of a process, where that is not the machine's; 0 where they cannot be counted. */
export function socketsOf(pid: number): number {
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) return 0;
    return Number(/^sockets: used (\d+)/.exec(readFileSync(`/proc/${pid}/net/sockstat`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Bytes of files on the disks of `folders` that have no name any more and that a process still holds open. */
export function measureDeletedFiles(pids: readonly number[], folders: readonly string[]): number {
  const disks = new Set(folders.map((folder) => statSync(folder, { throwIfNoEntry: false })?.dev));
  const bytes = new Map<number, number>();
  for (const pid of pids) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      try {
        const found = statSync(`/proc/${pid}/fd/${fd}`);
        if (found.isFile() && found.nlink === 0 && disks.has(found.dev)) bytes.set(found.ino, found.blocks * 512);
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return [...bytes.values()].reduce((sum, each) => sum + each, 0);
}

/** What is left on the disk of the first folder. */
export function freeSpace([folder]: readonly string[]): { bytes: number; totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(folder ?? '/');
  return { bytes: bavail * bsize, totalBytes: blocks * bsize };
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
