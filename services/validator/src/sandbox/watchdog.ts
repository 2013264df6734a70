import { execFile } from 'node:child_process';
import { freeSpace, measureDeletedFiles, measureMemoryFiles, socketsOf } from './box-usage.ts';
import { proportionalBytes, type TreeUsage } from './process-tree.ts';
import type { SandboxResult } from './sandbox.ts';

export interface WatchdogOptions {
  /** What the command runs at this moment. */
  readonly measure: () => TreeUsage;
  readonly memoryBytes: number;
  readonly processes: number;
  /** Absent: no limit. */
  readonly cpuMs?: number | undefined;
  readonly diskBytes: number;
  /** Folders whose growth counts. */
  readonly writable: readonly string[];
  /** Called once. */
  readonly onBreach: (what: Extract<SandboxResult['ended'], 'memory' | 'processes' | 'cpu' | 'disk'>) => void;
}

const TREE_EVERY_MS = 100;
const DISK_EVERY_MS = 500;
/** Bubblewrap's two processes and the one that sets the limits are not the command's. */
const OWN_THREADS = 3;
/**
 * An entry costs an inode of the machine, even an empty one: so many bytes of the limit each. Real trees hold about ten
 * times as much.
 */
const BYTES_PER_FILE = 4_096;
const MIN_NEW_FILES = 10_000;
/** Entries in temporary folders, which are memory of the kernel. */
const MAX_MEMORY_FILES = 200_000;
/** What waits in a socket is memory of the kernel too, up to this much in each, and in no process. */
const BYTES_PER_SOCKET = 208 * 1024;
const MIN_SOCKETS = 1_024;
/** Of the disk: below it, a box that has taken much is ended. */
const MIN_FREE_SHARE = 0.05;

/** The limits that no rlimit can express: memory, threads and disk of a whole tree. */
export function startWatchdog(options: WatchdogOptions): { stop(): void } {
  const { measure, memoryBytes, processes, cpuMs, diskBytes, writable, onBreach } = options;
  const maxNewFiles = Math.max(MIN_NEW_FILES, Math.floor(diskBytes / BYTES_PER_FILE));
  const maxSockets = Math.max(MIN_SOCKETS, Math.floor(memoryBytes / BYTES_PER_SOCKET));
  let stopped = false;
  let boxed: number | undefined;
  let disk: NodeJS.Timeout | undefined;
  const stop = () => {
    stopped = true;
    clearInterval(tree);
    clearTimeout(disk);
  };
  const breach = (what: Parameters<typeof onBreach>[0]) => {
    if (stopped) return;
    stop();
    onBreach(what);
  };
  const tree = setInterval(() => {
    const usage = measure();
    boxed = usage.pids.at(-1);
    if (usage.threads > processes + OWN_THREADS) return breach('processes');
    if (cpuMs !== undefined && usage.cpuMs > cpuMs) return breach('cpu');
    if (boxed !== undefined && socketsOf(boxed) > maxSockets) return breach('memory');
    if (usage.residentBytes <= memoryBytes) return;
    if (usage.pids.reduce((sum, each) => sum + proportionalBytes(each), 0) > memoryBytes) breach('memory');
  }, TREE_EVERY_MS);

  let firstFree: ReturnType<typeof freeSpace> | undefined;
  let start: Awaited<ReturnType<typeof diskUsage>> | undefined;
  const look = async () => {
    const began = performance.now();
    const now = await diskUsage(writable);
    // The command ended meanwhile, and its folders may be gone.
    if (stopped) return;
    start ??= now;
    const deletedBytes = measureDeletedFiles(measure().pids, writable);
    if (now.bytes + deletedBytes - start.bytes > diskBytes || now.files - start.files > maxNewFiles)
      return breach('disk');
    if (boxed !== undefined && measureMemoryFiles(boxed) > MAX_MEMORY_FILES) return breach('disk');
    // Whatever takes it, and however it is hidden: the machine does not run full.
    const free = freeSpace(writable);
    firstFree ??= free;
    if (firstFree.bytes - free.bytes > 2 * diskBytes && free.bytes < free.totalBytes * MIN_FREE_SHARE)
      return breach('disk');
    // A large tree takes long to count: at most a fifth of the time is spent on it.
    if (!stopped) disk = setTimeout(look, Math.max(DISK_EVERY_MS, (performance.now() - began) * 4));
  };
  void look();
  return { stop };
}

/** Allocated bytes and entries below the folders; what vanishes or cannot be read while it is counted is left out. */
export async function diskUsage(folders: readonly string[]): Promise<{ bytes: number; files: number }> {
  const [bytes, files] = await Promise.all([du(['-s', '-x', '-B1'], folders), du(['-s', '-x', '--inodes'], folders)]);
  return { bytes, files };
}

function du(options: readonly string[], folders: readonly string[]): Promise<number> {
  if (folders.length === 0) return Promise.resolve(0);
  return new Promise((resolve) => {
    execFile(
      '/usr/bin/du',
      [...options, '--', ...folders],
      { env: {}, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout) => {
        const numbers = stdout.split('\n').map((line) => Number.parseInt(line, 10));
        resolve(numbers.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0));
      },
    );
  });
}
