import { mkdir, open, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** A holder on this machine is known to be dead at once; one elsewhere when it has not been heard of for this long. */
const STALE_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const POLL_MS = 50;

const Holder = z.object({ pid: z.number().int(), startedAt: z.string(), machine: z.string() });
type Holder = z.infer<typeof Holder>;

/**
 * Runs `work` while this process alone holds the lock file `path`, between processes and between machines that share
 * the disk. A holder that died is replaced. Git's own locks stay the second line: see fetch.ts.
 */
export async function withLock<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  await acquire(path, signal);
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    signal?.throwIfAborted();
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(JSON.stringify(await self()));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(path)) await remove(path);
    else await delay(POLL_MS + Math.random() * POLL_MS, undefined, signal ? { signal } : {});
  }
}

/** Renamed first, so that of several processes that see the same dead holder one alone removes it. */
async function remove(path: string): Promise<void> {
  const aside = `${path}.${process.pid}.stale`;
  try {
    await rename(path, aside);
    // Between the look and the rename another process may have replaced the dead holder: give it back.
    if (!(await isStale(aside))) await rename(aside, path);
    else await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const [text, stats] = await Promise.all([readFile(path, 'utf8').catch(() => null), stat(path).catch(() => null)]);
  if (text === null || stats === null) return false;
  if (Date.now() - stats.mtimeMs > STALE_MS) return true;
  const holder = parse(text);
  if (holder === null || holder.machine !== (await machine())) return false;
  return (await startOf(holder.pid)) !== holder.startedAt;
}

function parse(text: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null; // being written
  }
}

const self = async (): Promise<Holder> => ({
  pid: process.pid,
  startedAt: (await startOf(process.pid)) ?? '',
  machine: await machine(),
});

/** Process numbers mean something within one boot and one process namespace only. */
async function machine(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${boot.trim()} ${namespace}`;
}

/** When a process began (so that a reused number is not mistaken for it); null if there is none. */
async function startOf(pid: number): Promise<string | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (line !== null) return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  try {
    process.kill(pid, 0);
    return (await stat('/proc/self').catch(() => null)) === null ? '' : null; // no /proc here: alive is all that is known
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : null;
  }
}
