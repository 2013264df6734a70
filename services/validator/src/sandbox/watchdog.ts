import { execFile } from 'node:child_process';
import { measureTree, proportionalBytes } from './process-tree.ts';
import type { SandboxResult } from './sandbox.ts';

export interface WatchdogOptions {
  /** The process whose tree is watched. */
  readonly pid: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly diskBytes: number;
  /** Folders whose growth counts. */
  readonly writable: readonly string[];
  /** Called once. */
  readonly onBreach: (what: Extract<SandboxResult['ended'], 'memory' | 'processes' | 'disk'>) => void;
}

const TREE_EVERY_MS = 100;
const DISK_EVERY_MS = 500;
/** Bubblewrap's two processes and the one that sets the limits are not the command's. */
const OWN_THREADS = 3;
/** Entries that a command may add; each costs an inode of the machine. */
export const MAX_NEW_FILES = 500_000;

/** The limits that no rlimit can express: memory, threads and disk of a whole tree. */
export function startWatchdog(options: WatchdogOptions): { stop(): void } {
  const { pid, memoryBytes, processes, diskBytes, writable, onBreach } = options;
  let stopped = false;
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
    const usage = measureTree(pid);
    if (usage.threads > processes + OWN_THREADS) return breach('processes');
    if (usage.residentBytes <= memoryBytes) return;
    if (usage.pids.reduce((sum, each) => sum + proportionalBytes(each), 0) > memoryBytes) breach('memory');
  }, TREE_EVERY_MS);

  let start: Awaited<ReturnType<typeof diskUsage>> | undefined;
  const look = async () => {
    const began = performance.now();
    const now = await diskUsage(writable);
    start ??= now;
    if (now.bytes - start.bytes > diskBytes || now.files - start.files > MAX_NEW_FILES) return breach('disk');
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
